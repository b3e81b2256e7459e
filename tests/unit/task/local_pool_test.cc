// LocalPoolHandle: pinned tasks, and who gets them.

#include <weft/task/local_pool.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn_local.h>
#include <weft/sync/internal/thread_wait.h>

namespace weft {
namespace {

using sync::internal::wait_on_thread;
using test_support::AsyncEvent;
using test_support::Event;
using test_support::OnDestroy;

LocalPoolHandle make_pool(std::size_t threads) { return LocalPoolHandle::create(threads).value(); }

Task<std::thread::id> thread_id() { co_return std::this_thread::get_id(); }
Task<> wait_for(AsyncEvent& event) { co_await event.wait(); }

TEST(T51, TasksRunOnThreadsOfThePool) {
  const LocalPoolHandle pool = make_pool(2);
  EXPECT_EQ(pool.num_threads(), 2u);
  std::set<std::thread::id> threads;
  for (std::size_t index : {0u, 1u, 0u}) {
    auto handle = pool.spawn_pinned_by_idx(index, thread_id);
    threads.insert(wait_on_thread(std::move(handle)).value());
  }
  EXPECT_EQ(threads.size(), 2u);
  EXPECT_FALSE(threads.contains(std::this_thread::get_id()));
}

TEST(T51, TheCoroutineIsMadeRunAndDestroyedOnOneThread) {
  const LocalPoolHandle pool = make_pool(1);
  const auto worker = wait_on_thread(pool.spawn_pinned(thread_id)).value();
  AsyncEvent event;
  std::thread::id destroyed_on;
  Event destroyed;
  auto handle = pool.spawn_pinned(
      [&](int base) -> Task<int> {
        const auto made_on = std::this_thread::get_id();
        const auto guard = OnDestroy([&] {
          destroyed_on = std::this_thread::get_id();
          destroyed.set();
        });
        co_await event.wait();
        auto local = spawn_local(thread_id());
        const auto joined = co_await local;
        co_return base + (joined.value() == made_on ? 1 : 0);
      },
      10);
  wait_on_thread(event.until_waiting(1));
  event.set();
  EXPECT_EQ(wait_on_thread(std::move(handle)).value(), 11);
  destroyed.wait();
  EXPECT_EQ(destroyed_on, worker);
}

TEST(T51, TheLeastLoadedThreadIsChosen) {
  const LocalPoolHandle pool = make_pool(3);
  AsyncEvent event;
  std::vector<JoinHandle<void>> handles;
  handles.push_back(pool.spawn_pinned_by_idx(0, wait_for, std::ref(event)));
  handles.push_back(pool.spawn_pinned_by_idx(0, wait_for, std::ref(event)));
  handles.push_back(pool.spawn_pinned_by_idx(1, wait_for, std::ref(event)));
  EXPECT_EQ(pool.task_loads(), (std::vector<std::size_t>{2, 1, 0}));
  for (int i = 0; i < 3; ++i) handles.push_back(pool.spawn_pinned(wait_for, std::ref(event)));
  EXPECT_EQ(pool.task_loads(), (std::vector<std::size_t>{2, 2, 2}));
  event.set();
  for (auto& handle : handles) EXPECT_TRUE(wait_on_thread(handle).has_value());
  EXPECT_EQ(pool.task_loads(), (std::vector<std::size_t>{0, 0, 0}));
}

TEST(T51, AbortReachesTheTask) {
  const LocalPoolHandle pool = make_pool(1);
  AsyncEvent never;
  auto handle = pool.spawn_pinned(wait_for, std::ref(never));
  wait_on_thread(never.until_waiting(1));
  handle.abort();
  EXPECT_TRUE(wait_on_thread(std::move(handle)).error().is_cancelled());
  EXPECT_EQ(never.waiting(), 0u);
  EXPECT_EQ(pool.task_loads(), std::vector<std::size_t>{0});
}

TEST(T51, ExceptionsOfFactoryAndTaskComeOutAndTheThreadGoesOn) {
  const LocalPoolHandle pool = make_pool(1);
  auto bad_factory = pool.spawn_pinned([]() -> Task<int> { throw std::runtime_error("factory"); });
  auto bad_task = pool.spawn_pinned([]() -> Task<int> {
    throw std::runtime_error("task");
    co_return 0;
  });
  EXPECT_THROW(wait_on_thread(std::move(bad_factory)).error().rethrow(), std::runtime_error);
  EXPECT_THROW(wait_on_thread(std::move(bad_task)).error().rethrow(), std::runtime_error);
  EXPECT_TRUE(wait_on_thread(pool.spawn_pinned(thread_id)).has_value());
  EXPECT_EQ(pool.task_loads(), std::vector<std::size_t>{0});
}

TEST(T51, ADroppedHandleDetaches) {
  const LocalPoolHandle pool = make_pool(1);
  AsyncEvent event;
  Event ended;
  {
    auto detached = pool.spawn_pinned(
        [](AsyncEvent& until, Event& done) -> Task<> {
          co_await until.wait();
          done.set();
        },
        std::ref(event), std::ref(ended));
  }
  wait_on_thread(event.until_waiting(1));
  event.set();
  ended.wait();
}

TEST(T51, TheLastCopyStopsTheThreadsAndCancelsWhatIsLeft) {
  AsyncEvent never;
  std::optional<LocalPoolHandle> pool = make_pool(1);
  std::optional<LocalPoolHandle> copy = pool;
  auto handle = pool->spawn_pinned(wait_for, std::ref(never));
  wait_on_thread(never.until_waiting(1));
  pool.reset();
  EXPECT_FALSE(handle.is_finished());
  copy.reset();
  EXPECT_TRUE(wait_on_thread(std::move(handle)).error().is_cancelled());
  EXPECT_EQ(never.waiting(), 0u);
}

TEST(T51, ATaskMayHoldTheLastCopy) {
  Event ended;
  {
    LocalPoolHandle pool = make_pool(1);
    auto detached = pool.spawn_pinned(
        [](LocalPoolHandle last, Event& done) -> Task<> {
          {
            const LocalPoolHandle gone = std::move(last);
          }
          done.set();
          co_return;
        },
        pool, std::ref(ended));
  }
  ended.wait();
}

TEST(T51, AWrongIndexAndAnEmptyPoolAreFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH((void)LocalPoolHandle::create(0), "weft: fatal: .*at least one thread");
  EXPECT_DEATH(
      {
        const LocalPoolHandle pool = make_pool(1);
        (void)pool.spawn_pinned_by_idx(1, thread_id);
      },
      "weft: fatal: .*the pool has no thread of that index");
}

TEST(T51, SpawningFromManyThreadsKeepsTheLoadsEven) {
  const LocalPoolHandle pool = make_pool(2);
  AsyncEvent event;
  std::mutex mutex;
  std::vector<JoinHandle<void>> handles;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 25; ++k) {
          auto handle = pool.spawn_pinned(wait_for, std::ref(event));
          const std::lock_guard lock(mutex);
          handles.push_back(std::move(handle));
        }
      });
    }
  }
  EXPECT_EQ(pool.task_loads(), (std::vector<std::size_t>{50, 50}));
  event.set();
  for (auto& handle : handles) EXPECT_TRUE(wait_on_thread(handle).has_value());
}

}  // namespace
}  // namespace weft
