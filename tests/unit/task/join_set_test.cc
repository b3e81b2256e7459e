// JoinSet: spawning into it, and reading its results.

#include <weft/task/join_set.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <numeric>
#include <optional>
#include <ranges>
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
#include <weft/runtime/coop.h>
#include <weft/runtime/handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/select.h>
#include <weft/runtime/yield_now.h>
#include <weft/task/local_set.h>

namespace weft {
namespace {

using runtime::Runtime;
using test_support::AsyncEvent;
using test_support::Counted;
using test_support::current_thread;
using test_support::finished;
using test_support::MockTask;
using test_support::multi_thread;
using test_support::on_every_kind;
using test_support::Polled;

static_assert(std::is_nothrow_move_constructible_v<JoinSet<int>>);
static_assert(!std::is_copy_constructible_v<JoinSet<int>>);

Task<int> number(int n) { co_return n; }
Task<int> wait_for(AsyncEvent& event, int n) {
  co_await event.wait();
  co_return n;
}

// Lets the tasks that are ready on a current_thread runtime run.
Task<> turn() {
  for (int i = 0; i < 3; ++i) co_await yield_now();
}

TEST(T32, ResultsComeInTheOrderOfCompletion) {
  on_every_kind([](Runtime& rt) {
    AsyncEvent first, second, third;
    const auto entered = rt.enter();
    JoinSet<int> set;
    set.spawn(wait_for, std::ref(first), 1);
    set.spawn(wait_for, std::ref(second), 2);
    set.spawn(wait_for, std::ref(third), 3);
    std::vector<int> order;
    for (AsyncEvent* event : {&second, &third, &first}) {
      event->set();
      auto next = rt.block_on(set.join_next());
      order.push_back(next->value());
    }
    EXPECT_EQ(order, (std::vector<int>{2, 3, 1}));
    EXPECT_TRUE(set.empty());
  });
}

TEST(T32, EveryWayOfSpawningAddsATask) {
  Runtime rt = current_thread();
  Runtime elsewhere = multi_thread(1);
  JoinSet<int> set;
  rt.block_on([&]() -> Task<> {
    int captured = 100;
    set.spawn(number(1));
    set.spawn(number, 2);
    set.spawn([captured]() -> Task<int> { co_return captured; });
    set.spawn([](int a, int b, int c) -> Task<int> { co_return a + b + c; }, 100, 200, 300);
    set.spawn_on(elsewhere.handle(), number(1000));
    set.spawn_on(elsewhere.handle(), number, 2000);
    set.spawn_blocking([] { return 10000; });
    set.spawn_blocking([](int n) { return n; }, 20000);
    set.spawn_blocking_on(elsewhere.handle(), [](int n) { return n; }, 100000);
    EXPECT_EQ(set.size(), 9u);
    const std::vector<int> values = co_await set.join_all();
    EXPECT_EQ(std::accumulate(values.begin(), values.end(), 0), 133703);
  }());
}

TEST(T32, LocalTasksRunOnThisThread) {
  Runtime rt = current_thread();
  LocalSet local;
  const auto here = std::this_thread::get_id();
  JoinSet<bool> set;
  const auto is_here = [here]() -> Task<bool> { co_return std::this_thread::get_id() == here; };
  set.spawn_local_on(local, is_here());
  set.spawn_local_on(local, is_here);
  local.block_on(rt, [&]() -> Task<> {
    set.spawn_local(is_here());
    set.spawn_local(
        [here](int, int) -> Task<bool> { co_return std::this_thread::get_id() == here; }, 1, 2);
    const std::vector<bool> values = co_await set.join_all();
    EXPECT_EQ(values, std::vector<bool>(4, true));
  }());
}

TEST(T32, SpawnReturnsAnAbortHandleOfTheTask) {
  Runtime rt = current_thread();
  AsyncEvent never;
  const auto entered = rt.enter();
  JoinSet<int> set;
  const AbortHandle stuck = set.spawn(wait_for(never, 1));
  const AbortHandle other = set.spawn(number(2));
  EXPECT_NE(stuck.id(), other.id());
  stuck.abort();
  int cancelled = 0;
  while (auto next = rt.block_on(set.join_next_with_id())) {
    if (!next->second.has_value()) {
      EXPECT_TRUE(next->second.error().is_cancelled());
      EXPECT_EQ(next->first, stuck.id());
      ++cancelled;
    }
  }
  EXPECT_EQ(cancelled, 1);
}

TEST(T32, ARangeIsSpawnedElementByElement) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  std::vector<Task<int>> tasks;
  tasks.push_back(number(1));
  tasks.push_back(number(2));
  JoinSet<int> set(std::move(tasks));
  const auto three = []() -> Task<int> { co_return 3; };
  const std::array callables{three, three};
  set.extend(callables);
  set.extend(std::views::iota(4, 6) | std::views::transform([](int n) { return number(n); }));
  EXPECT_EQ(set.size(), 6u);
  auto values = rt.block_on(set.join_all());
  std::ranges::sort(values);
  EXPECT_EQ(values, (std::vector<int>{1, 2, 3, 3, 4, 5}));
}

TEST(T33, JoinNextOfAnEmptySetIsNoneAtOnce) {
  JoinSet<int> set;
  MockTask task;
  Polled next(set.join_next());
  ASSERT_TRUE(next.poll(task));
  EXPECT_FALSE(next.take().has_value());
  Polled with_id(set.join_next_with_id());
  ASSERT_TRUE(with_id.poll(task));
  EXPECT_FALSE(with_id.take().has_value());
}

TEST(T33, ADestroyedJoinNextLosesNothing) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent event;
  JoinSet<int> set;
  set.spawn(wait_for(event, 5));
  MockTask task;
  {
    Polled suspended(set.join_next());
    ASSERT_FALSE(suspended.poll(task));
  }
  event.set();
  rt.block_on(turn());
  {
    Polled ready(set.join_next());
    ASSERT_TRUE(ready.poll(task));  // and destroyed with the result not taken
  }
  EXPECT_EQ(set.size(), 1u);
  Polled next(set.join_next());
  ASSERT_TRUE(next.poll(task));
  EXPECT_EQ(next.take()->value(), 5);
}

TEST(T33, TryJoinNextTakesWhatThereIsAndLeavesTheWaiter) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent first, second;
  JoinSet<int> set;
  const TaskId id = set.spawn(wait_for(first, 1)).id();
  set.spawn(wait_for(second, 2));
  rt.block_on(turn());
  EXPECT_FALSE(set.try_join_next().has_value());
  MockTask waiter;
  Polled wait(set.join_next());
  ASSERT_FALSE(wait.poll(waiter));
  EXPECT_FALSE(set.try_join_next().has_value());
  first.set();
  rt.block_on(turn());
  EXPECT_TRUE(waiter.take_woken());
  auto taken = set.try_join_next_with_id();
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->first, id);
  EXPECT_EQ(taken->second.value(), 1);
  ASSERT_FALSE(wait.poll(waiter));
  EXPECT_FALSE(set.try_join_next().has_value());
  second.set();
  rt.block_on(turn());
  EXPECT_TRUE(waiter.take_woken());
  EXPECT_EQ(set.try_join_next()->value(), 2);
}

TEST(T33, OutOfBudgetItIsPendingAndWakesItself) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  JoinSet<int> set;
  set.spawn(number(1));
  set.spawn(number(2));
  rt.block_on(turn());
  MockTask task;
  Budget budget = Budget::initial();
  while (budget.has_remaining()) (void)budget.spend();
  const Waker waker = task.waker();
  Context cx(waker, budget);
  EXPECT_TRUE(set.poll_join_next(cx).is_pending());
  EXPECT_TRUE(task.take_woken());
  EXPECT_EQ(set.try_join_next()->value(), 1) << "try_join_next() needs no budget";
  Budget fresh = Budget::initial();
  for (int i = 0; i < Budget::kUnits - 1; ++i) (void)fresh.spend();
  Context again(waker, fresh);
  auto polled = set.poll_join_next(again);
  ASSERT_TRUE(polled.is_ready());
  EXPECT_EQ((*polled)->value(), 2);
  EXPECT_FALSE(fresh.has_remaining()) << "a result takes a unit";
}

TEST(T33, OnlyTheLatestWakerIsKept) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent event;
  JoinSet<int> set;
  set.spawn(wait_for(event, 1));
  rt.block_on(turn());
  MockTask first, second;
  for (MockTask* task : {&first, &second}) {
    const Waker waker = task->waker();
    Context cx(waker);
    ASSERT_TRUE(set.poll_join_next(cx).is_pending());
  }
  event.set();
  rt.block_on(turn());
  EXPECT_FALSE(first.take_woken());
  EXPECT_TRUE(second.take_woken());
}

TEST(T33, PollJoinNextOfAnEmptySetIsReady) {
  JoinSet<int> set;
  MockTask task;
  const Waker waker = task.waker();
  Context cx(waker);
  auto polled = set.poll_join_next(cx);
  ASSERT_TRUE(polled.is_ready());
  EXPECT_FALSE((*polled).has_value());
}

TEST(T35, ResultsAccumulateUntilTheyAreRead) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  std::atomic<int> alive{0};
  JoinSet<Counted> set;
  for (int i = 0; i < 5; ++i) {
    set.spawn([&alive]() -> Task<Counted> { co_return Counted(alive); });
  }
  rt.block_on(turn());
  EXPECT_EQ(alive, 5);
  EXPECT_EQ(set.size(), 5u);
  {
    auto one = set.try_join_next();
  }
  EXPECT_EQ(alive, 4);
  set.detach_all();
  EXPECT_EQ(alive, 0);
}

TEST(T36, ATaskThatHasEndedWhenItIsAddedIsFound) {
  // Spawned on a runtime that is gone, it is cancelled before spawn_on() returns.
  std::optional<Runtime> rt = current_thread();
  const runtime::Handle handle = rt->handle();
  rt.reset();
  JoinSet<int> set;
  set.spawn_on(handle, number(1));
  auto next = set.try_join_next();
  ASSERT_TRUE(next.has_value());
  EXPECT_TRUE(next->error().is_cancelled());
}

TEST(T36, AnEndingTaskWakesTheWaiterOnce) {
  Runtime rt = current_thread();
  const auto entered = rt.enter();
  AsyncEvent event;
  JoinSet<int> set;
  for (int i = 0; i < 10; ++i) set.spawn(wait_for(event, i));
  rt.block_on(turn());
  MockTask waiter;
  Polled wait(set.join_next());
  ASSERT_FALSE(wait.poll(waiter));
  event.set();
  rt.block_on(turn());
  EXPECT_EQ(waiter.wake_count(), 1);
  ASSERT_TRUE(wait.poll(waiter));
}

}  // namespace
}  // namespace weft
