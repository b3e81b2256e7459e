// JoinSet: aborting, draining, detaching, and what may go wrong meanwhile.

#include <weft/task/join_set.h>

#include <atomic>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/runtimes.h>
#include <weft/base/result.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/yield_now.h>
#include <weft/task/local_set.h>

namespace weft {
namespace {

using runtime::Runtime;
using test_support::AsyncEvent;
using test_support::Counted;
using test_support::current_thread;
using test_support::MockTask;
using test_support::multi_thread;
using test_support::on_every_kind;
using test_support::OnDestroy;
using test_support::Polled;

Task<int> number(int n) { co_return n; }
Task<int> wait_for(AsyncEvent& event, int n) {
  co_await event.wait();
  co_return n;
}
Task<int> throws_text(std::string text) {
  throw std::runtime_error(text);
  co_return 0;
}
Task<> turn() {
  for (int i = 0; i < 3; ++i) co_await yield_now();
}
// Ends without a value; counts its frame.
Task<int> counted(AsyncEvent& event, Counted) {
  co_await event.wait();
  co_return 0;
}

TEST(T34, AbortAllKeepsTheEntries) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent never;
    const auto entered = rt.enter();
    JoinSet<int> set;
    for (int i = 0; i < 10; ++i) set.spawn(wait_for(never, i));
    set.abort_all();
    EXPECT_EQ(set.size(), 10u);
    int cancelled = 0;
    while (auto next = rt.block_on(set.join_next())) cancelled += next->error().is_cancelled();
    EXPECT_EQ(cancelled, 10);
  });
}

TEST(T34, ShutdownWaitsForAllAndIgnoresExceptions) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent never;
    std::atomic<int> alive{0};
    const auto entered = rt.enter();
    JoinSet<int> set;
    set.spawn(throws_text("ignored"));
    for (int i = 0; i < 5; ++i) set.spawn(counted, std::ref(never), Counted(alive));
    rt.block_on(set.shutdown());
    EXPECT_EQ(alive, 0);
    EXPECT_TRUE(set.empty());
  });
}

TEST(T34, ADestroyedShutdownLeavesTheRestInTheSet) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent never;
  JoinSet<int> set;
  set.spawn(wait_for(never, 1));
  rt.block_on(turn());
  MockTask task;
  {
    Polled shutdown(set.shutdown());
    ASSERT_FALSE(shutdown.poll(task));
  }
  EXPECT_EQ(set.size(), 1u);
  EXPECT_TRUE(rt.block_on(set.join_next())->error().is_cancelled());
}

TEST(T34, DetachedTasksGoOn) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent event;
  std::atomic<int> alive{0};
  {
    JoinSet<int> set;
    for (int i = 0; i < 3; ++i) set.spawn(counted, std::ref(event), Counted(alive));
    set.detach_all();
    EXPECT_TRUE(set.empty());
  }
  rt.block_on(turn());
  EXPECT_EQ(alive, 3);
  event.set();
  rt.block_on(turn());
  EXPECT_EQ(alive, 0);
}

TEST(T34, TheDestructorAbortsAll) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent never;
    std::vector<JoinHandle<int>> none;
    std::optional<AbortHandle> task;
    const auto entered = rt.enter();
    {
      JoinSet<int> set;
      task = set.spawn(wait_for(never, 1));
    }
    rt.block_on(never.until_waiting(0));
    // The task ends by itself, or the runtime could not stop below.
    rt.block_on([&]() -> Task<> {
      while (!task->is_finished()) co_await yield_now();
    }());
    EXPECT_EQ(never.waiting(), 0u);
  });
}

TEST(T34, MoveAssignmentAbortsWhatWasThere) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent never;
  JoinSet<int> set;
  const AbortHandle old = set.spawn(wait_for(never, 1));
  JoinSet<int> other;
  other.spawn(number(2));
  set = std::move(other);
  rt.block_on(turn());
  EXPECT_TRUE(old.is_finished());
  EXPECT_EQ(set.size(), 1u);
  EXPECT_EQ(rt.block_on(set.join_next())->value(), 2);
}

TEST(T34, JoinAllYieldsTheValuesInTheOrderOfCompletion) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent first, second;
  JoinSet<int> set;
  set.spawn(wait_for(first, 1));
  set.spawn(wait_for(second, 2));
  second.set();
  rt.block_on(turn());
  first.set();
  auto all = set.join_all();
  EXPECT_TRUE(set.empty()) << "the tasks went with it";
  EXPECT_EQ(rt.block_on(std::move(all)), (std::vector<int>{2, 1}));
  EXPECT_TRUE(rt.block_on(JoinSet<int>().join_all()).empty());
}

TEST(T34, JoinAllThrowsWhatTheFirstFailureThrewAndAbortsTheRest) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent never;
  JoinSet<int> set;
  const AbortHandle stuck = set.spawn(wait_for(never, 1));
  set.spawn(throws_text("first"));
  set.spawn(throws_text("second"));
  try {
    rt.block_on(set.join_all());
    FAIL() << "the exception was lost";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "first");
  }
  rt.block_on(turn());
  EXPECT_TRUE(stuck.is_finished());
}

TEST(T34, JoinAllFailsOnACancelledTask) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent never;
  JoinSet<int> set;
  set.spawn(wait_for(never, 1)).abort();
  EXPECT_THROW(rt.block_on(set.join_all()), BadResultAccess<JoinError>);
}

TEST(T34, ADestroyedJoinAllAbortsItsTasks) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent never;
  JoinSet<int> set;
  const AbortHandle awaited = set.spawn(wait_for(never, 1));
  {
    MockTask task;
    Polled all(set.join_all());
    ASSERT_FALSE(all.poll(task));
  }
  const AbortHandle not_awaited = set.spawn(wait_for(never, 1));
  {
    auto all = set.join_all();
  }
  rt.block_on(turn());
  EXPECT_TRUE(awaited.is_finished());
  EXPECT_TRUE(not_awaited.is_finished());
}

TEST(T34, JoinAllOfVoidYieldsNothing) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  int ran = 0;
  JoinSet<void> set;
  for (int i = 0; i < 3; ++i) {
    set.spawn([&ran]() -> Task<> {
      ++ran;
      co_return;
    });
  }
  rt.block_on(set.join_all());
  EXPECT_EQ(ran, 3);
}

TEST(T37, AThousandTasksAreDeliveredWithAForcedYield) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  JoinSet<int> set;
  std::vector<AbortHandle> handles;
  for (int i = 0; i < 1000; ++i) handles.push_back(set.spawn(number(i)));
  bool other_ran = false;
  std::vector<bool> seen(1000);
  rt.block_on([&]() -> Task<> {
    for (const AbortHandle& handle : handles) {
      while (!handle.is_finished()) co_await yield_now();
    }
    auto other = spawn([&other_ran]() -> Task<> {
      other_ran = true;
      co_return;
    });
    int read = 0;
    for (;;) {
      const auto next = co_await set.join_next();
      if (!next.has_value()) break;
      seen[static_cast<std::size_t>(next->value())] = true;
      if (++read == 129) {
        EXPECT_TRUE(other_ran) << "the budget has forced no yield";
      }
    }
    (void)co_await other;
  }());
  EXPECT_EQ(seen, std::vector<bool>(1000, true));
}

TEST(T37, AbortingTheOddOnesLeavesTheOthers) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent event;
    const auto entered = rt.enter();
    JoinSet<int> set;
    std::vector<AbortHandle> handles;
    for (int i = 0; i < 64; ++i) handles.push_back(set.spawn(wait_for(event, i)));
    for (std::size_t i = 1; i < handles.size(); i += 2) handles[i].abort();
    int cancelled = 0;
    for (; cancelled < 32; ++cancelled) {
      ASSERT_TRUE(rt.block_on(set.join_next())->error().is_cancelled());
    }
    event.set();
    int even = 0;
    while (auto next = rt.block_on(set.join_next())) even += next->value() % 2 == 0;
    EXPECT_EQ(even, 32);
  });
}

TEST(T37, TasksOfARuntimeThatIsGoneAreCancelled) {
  AsyncEvent never;
  JoinSet<int> set;
  {
    Runtime rt = multi_thread(2);
    for (int i = 0; i < 10; ++i) set.spawn_on(rt.handle(), wait_for(never, i));
  }
  int cancelled = 0;
  while (auto next = set.try_join_next()) cancelled += next->error().is_cancelled();
  EXPECT_EQ(cancelled, 10);
  EXPECT_TRUE(set.empty());
}

TEST(T37, LocalTasksAreAbortedWithTheSet) {
  Runtime rt = current_thread();
  LocalSet local;
  AsyncEvent never;
  std::atomic<int> alive{0};
  {
    JoinSet<int> set;
    for (int i = 0; i < 3; ++i) {
      set.spawn_local_on(local, counted, std::ref(never), Counted(alive));
    }
    local.block_on(rt, turn());
    EXPECT_EQ(alive, 3);
  }
  local.block_on(rt, turn());
  EXPECT_EQ(alive, 0);
}

TEST(T37, AResultMaySpawnIntoTheSetThatDropsIt) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  struct Spawning;
  using Set = JoinSet<Spawning>;
  struct Spawning {
    explicit Spawning(Set& owner, int left) : set(&owner), again(left) {}
    Spawning(Spawning&& other) noexcept
        : set(std::exchange(other.set, nullptr)), again(other.again) {}
    Spawning& operator=(Spawning&&) = delete;
    ~Spawning() {
      if (set == nullptr || again == 0) return;
      set->spawn([](Set& owner, int left) -> Task<Spawning> { co_return Spawning(owner, left); },
                 std::ref(*set), again - 1);
    }
    Set* set;
    int again;
  };
  Set set;
  set.spawn([](Set& owner) -> Task<Spawning> { co_return Spawning(owner, 2); }, std::ref(set));
  rt.block_on(turn());
  set.detach_all();  // destroys the result, which spawns another task
  EXPECT_EQ(set.size(), 1u);
  rt.block_on(turn());
  {
    auto next = set.try_join_next();
  }
  EXPECT_EQ(set.size(), 1u);
}

TEST(T37, AFrameMayAbortItsSiblingsWhenItIsDestroyed) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent never;
    const auto entered = rt.enter();
    JoinSet<int> set;
    std::vector<AbortHandle> siblings;
    for (int i = 0; i < 3; ++i) siblings.push_back(set.spawn(wait_for(never, i)));
    auto abort_all = OnDestroy([siblings] {
      for (const AbortHandle& sibling : siblings) sibling.abort();
    });
    const AbortHandle first = set.spawn(
        [](AsyncEvent& event, auto) -> Task<int> {
          co_await event.wait();
          co_return 0;
        },
        std::ref(never), std::move(abort_all));
    first.abort();
    int cancelled = 0;
    while (auto next = rt.block_on(set.join_next())) cancelled += next->error().is_cancelled();
    EXPECT_EQ(cancelled, 4);
  });
}

TEST(T37, ManyTasksOnManyWorkersAreAllJoined) {
  Runtime rt = multi_thread(4);
  const auto joined = rt.block_on(rt.spawn([]() -> Task<int> {
    JoinSet<int> set;
    for (int i = 0; i < 1000; ++i) {
      set.spawn(
          [](int n) -> Task<int> {
            for (int k = 0; k < n % 3; ++k) co_await yield_now();
            co_return 1;
          },
          i);
    }
    int count = 0;
    for (;;) {
      const auto next = co_await set.join_next();
      if (!next.has_value()) break;
      count += next->value();
    }
    co_return count;
  }));
  EXPECT_EQ(joined.value(), 1000);
}

}  // namespace
}  // namespace weft
