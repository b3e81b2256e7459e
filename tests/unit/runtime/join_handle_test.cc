// JoinHandle, AbortHandle, JoinError: waiting for a task, cancelling it, and how it ended.

#include <weft/runtime/join_handle.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/coroutine/frame_allocator.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/time/sleep.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using runtime::Handle;
using runtime::Runtime;
using test_support::AsyncEvent;
using test_support::Counted;
using test_support::current_thread;
using test_support::Event;
using test_support::finished;
using test_support::MockTask;
using test_support::multi_thread;
using test_support::on_every_kind;
using test_support::OnDestroy;
using test_support::Polled;
using test_support::until;

static_assert(std::is_move_constructible_v<JoinHandle<int>>);
static_assert(!std::is_copy_constructible_v<JoinHandle<int>>);
static_assert(std::is_copy_constructible_v<AbortHandle>);

Task<int> number(int n) { co_return n; }
Task<> wait_for(AsyncEvent& event) { co_await event.wait(); }
Task<> throws_number() {
  throw 7;
  co_return;
}

TEST(T3, ResultIsYieldedOnceAndTheSecondAwaitIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime rt = current_thread();
        auto task = rt.spawn(number(1));
        (void)rt.block_on(task);
        (void)rt.block_on(task);
      },
      "weft: fatal: .*JoinHandle");
}

TEST(T3, DestroyedAwaitLeavesTheHandleUsable) {
  Runtime rt = current_thread();
  AsyncEvent event;
  auto task = rt.spawn([&]() -> Task<int> {
    co_await event.wait();
    co_return 5;
  });
  MockTask waiter;
  {
    Polled wait(task);
    EXPECT_FALSE(wait.poll(waiter));
  }
  event.set();
  EXPECT_EQ(rt.block_on(task).value(), 5);
  EXPECT_EQ(waiter.waker_ref_count(), 1);
}

TEST(T3, CompletedAwaitTakesABudgetUnitAndASuspendedOneDoesNot) {
  Runtime rt = current_thread();
  AsyncEvent event;
  auto task = rt.spawn(wait_for(event));
  rt.block_on(event.until_waiting(1));
  MockTask waiter;
  Polled wait(task);
  Budget budget = Budget::initial();
  for (int i = 0; i < 200; ++i) ASSERT_FALSE(wait.poll(waiter, budget));
  event.set();
  rt.block_on(finished(task));
  Budget empty = Budget::initial();
  while (empty.has_remaining()) (void)empty.spend();
  EXPECT_FALSE(wait.poll(waiter, empty));
  for (int i = 0; i < 127; ++i) ASSERT_FALSE(budget.spend());
  EXPECT_TRUE(budget.has_remaining()) << "waiting took nothing";
  EXPECT_TRUE(wait.poll(waiter, budget));
  EXPECT_FALSE(budget.has_remaining());
}

TEST(T3, AnotherRuntimeAndThreadMayAwait) {
  Runtime a = multi_thread(1);
  Runtime b = current_thread();
  auto task = a.spawn(number(6));
  int result = 0;
  std::thread([&] { result = b.block_on(std::move(task)).value(); }).join();
  EXPECT_EQ(result, 6);
}

TEST(T3, AfterTheRuntimeIsGoneItYieldsTheResultOrCancelled) {
  AsyncEvent never;
  std::optional<Runtime> rt = current_thread();
  auto ended = rt->spawn(number(6));
  auto waiting = rt->spawn(wait_for(never));
  rt->block_on(finished(ended));
  rt.reset();
  Runtime other = current_thread();
  EXPECT_EQ(other.block_on(ended).value(), 6);
  EXPECT_TRUE(other.block_on(waiting).error().is_cancelled());
}

TEST(T4, DroppedHandleDetachesTheTask) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent ended;
    AsyncEvent event;
    {
      auto task = rt.spawn([&]() -> Task<> {
        co_await event.wait();
        ended.set();
      });
    }
    event.set();
    rt.block_on(ended.wait());
  });
}

TEST(T4, ResultOfAnEndedTaskIsDestroyedWithTheHandleOnItsThread) {
  Runtime rt = multi_thread(1);
  std::atomic<int> alive{0};
  std::thread::id destroyer;
  struct Result {
    Counted counted;
    std::unique_ptr<int> owned;
  };
  {
    auto task = rt.spawn(
        [](std::atomic<int>& count) -> Task<std::shared_ptr<Result>> {
          co_return std::make_shared<Result>(Result{Counted(count), std::make_unique<int>(1)});
        },
        std::ref(alive));
    rt.block_on(finished(task));
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);
  auto on_destroy = [&destroyer] { destroyer = std::this_thread::get_id(); };
  {
    auto task = rt.spawn(
        [](auto record) -> Task<OnDestroy<decltype(record)>> {
          co_return OnDestroy<decltype(record)>(std::move(record));
        },
        on_destroy);
    rt.block_on(finished(task));
  }
  EXPECT_EQ(destroyer, std::this_thread::get_id());
}

TEST(T5, AbortedBeforeItsFirstResumeItNeverRuns) {
  Runtime rt = current_thread();
  bool ran = false;
  std::atomic<int> alive{0};
  auto task = rt.spawn(
      [&ran](Counted) -> Task<> {
        ran = true;
        co_return;
      },
      Counted(alive));
  task.abort();
  EXPECT_TRUE(rt.block_on(task).error().is_cancelled());
  EXPECT_FALSE(ran);
  EXPECT_EQ(alive, 0);
}

TEST(T5, RunningTaskIsCancelledWhenItNextSuspends) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent never;
    bool after = false;
    bool further = false;
    std::optional<AbortHandle> own;
    AsyncEvent ready;
    auto task = rt.spawn([&]() -> Task<> {
      co_await ready.wait();
      own->abort();
      own->abort();
      after = true;
      co_await never.wait();
      further = true;
    });
    own = task.abort_handle();
    ready.set();
    EXPECT_TRUE(rt.block_on(task).error().is_cancelled());
    EXPECT_TRUE(after);
    EXPECT_FALSE(further);
  });
}

TEST(T5, RunningTaskThatEndsInThatResumeEndsNormally) {
  on_every_kind([](Runtime& rt) {
    std::optional<AbortHandle> own;
    AsyncEvent ready;
    auto task = rt.spawn([&]() -> Task<int> {
      co_await ready.wait();
      own->abort();
      co_return 3;
    });
    own = task.abort_handle();
    ready.set();
    EXPECT_EQ(rt.block_on(task).value(), 3);
  });
}

TEST(T5, AbortOfAnEndedTaskKeepsItsResult) {
  on_every_kind([](Runtime& rt) {
    auto task = rt.spawn(number(3));
    rt.block_on(finished(task));
    task.abort();
    task.abort();
    EXPECT_EQ(rt.block_on(task).value(), 3);
  });
}

TEST(T6, ResultAfterAnAbortIsCancelledOrWhatCameFirst) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent never;
    auto waiting = rt.spawn(wait_for(never));
    rt.block_on(never.until_waiting(1));
    waiting.abort();
    EXPECT_TRUE(rt.block_on(waiting).error().is_cancelled());
    auto thrown = rt.spawn(throws_number());
    rt.block_on(finished(thrown));
    thrown.abort();
    EXPECT_TRUE(rt.block_on(thrown).error().is_exception());
  });
}

struct ThrowsWhenDestroyed {
  ThrowsWhenDestroyed() = default;
  ThrowsWhenDestroyed(ThrowsWhenDestroyed&&) noexcept = default;
  ~ThrowsWhenDestroyed() noexcept(false) { throw std::runtime_error("from a destructor"); }
};

TEST(T6, DestructorThatThrowsDuringCancellationIsFatal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Runtime rt = current_thread();
        AsyncEvent never;
        auto task = rt.spawn([&]() -> Task<> {
          ThrowsWhenDestroyed local;
          co_await never.wait();
        });
        rt.block_on(never.until_waiting(1));
        task.abort();
        (void)rt.block_on(task);
      },
      "");
}

TEST(T7, IsFinishedMeansComplete) {
  Runtime rt = current_thread();
  AsyncEvent event;
  auto task = rt.spawn(wait_for(event));
  EXPECT_FALSE(task.is_finished());
  rt.block_on(event.until_waiting(1));
  task.abort();
  EXPECT_FALSE(task.is_finished()) << "aborted and not yet cancelled";
  rt.block_on(finished(task));
  EXPECT_TRUE(task.is_finished());
  EXPECT_TRUE(task.abort_handle().is_finished());
}

TEST(T7, IdAndAbortHandleAreThereAtAnyTime) {
  Runtime rt = current_thread();
  auto task = rt.spawn(number(1));
  const TaskId id = task.id();
  EXPECT_EQ(task.abort_handle().id(), id);
  rt.block_on(finished(task));
  EXPECT_EQ(task.id(), id);
  EXPECT_EQ(task.abort_handle().id(), id);
}

TEST(T8, CopiesAbortFromAnyThreadAndOutliveEverything) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent never;
    auto task = rt.spawn(wait_for(never));
    AbortHandle first = task.abort_handle();
    AbortHandle second = first;
    EXPECT_EQ(first.id(), second.id());
    EXPECT_FALSE(second.is_finished());
    std::thread([second] { second.abort(); }).join();
    EXPECT_TRUE(rt.block_on(task).error().is_cancelled());
    EXPECT_TRUE(first.is_finished());
    first.abort();
  });
}

TEST(T8, KeepsTheIdTakenButNotTheTaskRunning) {
  const std::size_t frames_before = internal::live_frames();
  std::optional<AbortHandle> kept;
  std::atomic<int> alive{0};
  {
    AsyncEvent never;
    Runtime rt = current_thread();
    auto task = rt.spawn([&never](Counted) -> Task<> { co_await never.wait(); }, Counted(alive));
    kept = task.abort_handle();
  }
  EXPECT_EQ(alive, 0);
  EXPECT_TRUE(kept->is_finished());
  EXPECT_EQ(internal::live_frames(), frames_before + 1);
  kept.reset();
  EXPECT_EQ(internal::live_frames(), frames_before);
}

}  // namespace
}  // namespace weft
