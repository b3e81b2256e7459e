// join, try_join, join_all: docs/spec/task.md T-66..T-68; R-167 for scopes inside; R-110 for
// join_all's own wakers.

#include <weft/runtime/join.h>

#include <array>
#include <memory>
#include <ranges>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/event.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <weft/base/result.h>
#include <weft/runtime/consume_budget.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/coroutine/frame_allocator.h>
#include <weft/runtime/join_all.h>
#include <weft/runtime/select.h>
#include <weft/runtime/task.h>
#include <weft/runtime/try_join.h>

namespace weft {
namespace {

using test_support::MockTask;
using test_support::OnDestroy;
using test_support::Polled;
using test_support::Probe;
using test_support::SlowProbe;

Task<int> number(int n) { co_return n; }
Task<> nothing() { co_return; }
Task<std::unique_ptr<int>> boxed(int n) { co_return std::make_unique<int>(n); }
Task<int> value_of(Probe<>& probe) { co_return co_await probe.wait(); }
Task<> wait_slowly(SlowProbe& probe) { co_await probe.wait(); }
Task<int> throwing() {
  throw std::runtime_error("member");
  co_return 0;
}

TEST(T66, YieldsTheTupleWhenAllAreDone) {
  MockTask task;
  Probe<> a, b;
  Polled all(join(a.wait(), nothing(), boxed(3), b.wait()));
  EXPECT_FALSE(all.poll(task));
  b.complete(2);
  EXPECT_TRUE(task.take_woken());
  EXPECT_FALSE(all.poll(task));
  a.complete(1);
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(all.poll(task));
  std::tuple<int, std::monostate, std::unique_ptr<int>, int> results = all.take();
  EXPECT_EQ(std::get<0>(results), 1);
  EXPECT_EQ(*std::get<2>(results), 3);
  EXPECT_EQ(std::get<3>(results), 2);
}

TEST(T66, FinishedMemberIsNotPolledAgain) {
  MockTask task;
  Probe<> a, b;
  a.complete(1);
  Polled all(join(a.wait(), b.wait()));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(all.poll(task));
  EXPECT_EQ(a.polls(), 1);
  EXPECT_EQ(b.polls(), 3);
}

TEST(T66, FirstMemberRotates) {
  MockTask task;
  std::vector<int> log;
  Probe<> a(log, 1), b(log, 2), c(log, 3);
  Polled all(join(a.wait(), b.wait(), c.wait()));
  for (int round = 0; round < 4; ++round) EXPECT_FALSE(all.poll(task));
  EXPECT_EQ(log, (std::vector<int>{1, 2, 3, 2, 3, 1, 3, 1, 2, 1, 2, 3}));
}

TEST(T66, BiasedJoinKeepsTheOrder) {
  MockTask task;
  std::vector<int> log;
  Probe<> a(log, 1), b(log, 2), c(log, 3);
  Polled all(join_biased(a.wait(), b.wait(), c.wait()));
  for (int round = 0; round < 3; ++round) EXPECT_FALSE(all.poll(task));
  EXPECT_EQ(log, (std::vector<int>{1, 2, 3, 1, 2, 3, 1, 2, 3}));
}

TEST(T66, EmptyJoinIsTheEmptyTuple) {
  MockTask task;
  Polled all(join());
  ASSERT_TRUE(all.poll(task));
  EXPECT_EQ(all.take(), std::tuple<>());
}

TEST(T66, MemberIsDestroyedWhenItIsDone) {
  MockTask task;
  Probe<> a, b;
  const std::size_t before = internal::live_frames();
  Polled all(join(value_of(a), b.wait()));
  EXPECT_FALSE(all.poll(task));
  a.complete(1);
  EXPECT_FALSE(all.poll(task));
  EXPECT_EQ(internal::live_frames(), before);
}

Task<> spend(int units, int* spent) {
  for (int i = 0; i < units; ++i) {
    co_await consume_budget();
    ++*spent;
  }
}

TEST(T68, BudgetGreedyMemberDoesNotStarveTheOther) {
  MockTask task;
  int greedy = 0, modest = 0;
  Polled both(join(spend(128 * 5, &greedy), spend(5, &modest)));
  int polls = 0;
  for (bool done = false; !done; ++polls) {
    ASSERT_LT(polls, 10);
    Budget budget = Budget::initial();
    done = both.poll(task, budget);
  }
  EXPECT_EQ(greedy, 128 * 5);
  EXPECT_EQ(modest, 5);
}

TEST(T67, ExceptionPropagatesAndDestroysTheOthers) {
  MockTask task;
  Probe<> a, b;
  int destroyed = 0;
  const auto guarded = [](Probe<>& probe, int* count) -> Task<int> {
    OnDestroy guard([count] { ++*count; });
    co_return co_await probe.wait();
  };
  Polled all(join(guarded(a, &destroyed), b.wait(), number(3)));
  EXPECT_FALSE(all.poll(task));
  b.fail("b");
  ASSERT_TRUE(all.poll(task));
  EXPECT_EQ(destroyed, 1) << "before the exception is seen";
  EXPECT_EQ(a.alive(), 0);
  EXPECT_THROW(all.take(), std::runtime_error);
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(T67, BorrowedMemberSurvivesTheFailureOfAnother) {
  MockTask task;
  Probe<> a;
  Task<int> borrowed = value_of(a);
  {
    Polled all(join(borrowed, throwing()));
    ASSERT_TRUE(all.poll(task));
    EXPECT_THROW(all.take(), std::runtime_error);
  }
  a.complete(5);
  Polled again(borrowed);
  ASSERT_TRUE(again.poll(task));
  EXPECT_EQ(again.take(), 5);
}

Task<Result<int>> good(Probe<>& probe) { co_return co_await probe.wait(); }
Task<Result<void>> good_void() { co_return Result<void>(); }
Task<Result<int>> bad(Probe<>& probe) {
  static_cast<void>(co_await probe.wait());
  co_return Err(Errc::closed);
}

TEST(T67, TryJoinYieldsAllValues) {
  MockTask task;
  Probe<> a, b;
  Polled all(try_join(good(a), good_void(), good(b)));
  EXPECT_FALSE(all.poll(task));
  a.complete(1);
  EXPECT_FALSE(all.poll(task));
  b.complete(2);
  ASSERT_TRUE(all.poll(task));
  auto result = all.take();
  static_assert(std::is_same_v<decltype(result), Result<std::tuple<int, std::monostate, int>>>);
  ASSERT_TRUE(result);
  EXPECT_EQ(std::get<0>(*result), 1);
  EXPECT_EQ(std::get<2>(*result), 2);
}

TEST(T67, TryJoinReturnsTheFirstErrorAtOnceAndDestroysTheOthers) {
  MockTask task;
  Probe<> never, error;
  int destroyed = 0;
  const auto value =
      [](int* count) -> Task<Result<std::unique_ptr<OnDestroy<std::function<void()>>>>> {
    co_return std::make_unique<OnDestroy<std::function<void()>>>([count] { ++*count; });
  };
  Polled all(try_join(value(&destroyed), good(never), bad(error)));
  EXPECT_FALSE(all.poll(task));
  EXPECT_EQ(destroyed, 0);
  error.complete(0);
  ASSERT_TRUE(all.poll(task));
  EXPECT_EQ(destroyed, 1) << "finished values too";
  EXPECT_EQ(never.alive(), 0);
  auto result = all.take();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), Errc::closed);
}

TEST(T67, TryJoinPropagatesAnException) {
  MockTask task;
  Probe<> never;
  const auto fail = []() -> Task<Result<int>> {
    throw std::logic_error("x");
    co_return 0;
  };
  Polled all(try_join_biased(good(never), fail()));
  ASSERT_TRUE(all.poll(task));
  EXPECT_EQ(never.alive(), 0);
  EXPECT_THROW(static_cast<void>(all.take()), std::logic_error);
}

TEST(T67, EmptyTryJoinSucceeds) {
  MockTask task;
  Polled all(try_join());
  ASSERT_TRUE(all.poll(task));
  EXPECT_TRUE(all.take().has_value());
}

TEST(R167, FailedJoinIsReportedOnlyAfterTheOthersHaveEnded) {
  MockTask task;
  Probe<> a, error;
  SlowProbe slow;
  Polled all(join(value_of(a), wait_slowly(slow)));
  EXPECT_FALSE(all.poll(task));
  a.fail("a");
  EXPECT_FALSE(all.poll(task));
  EXPECT_EQ(slow.cancel_polls(), 1);
  slow.let_end();
  ASSERT_TRUE(all.poll(task));
  EXPECT_EQ(slow.alive(), 0);
  EXPECT_THROW(all.take(), std::runtime_error);

  SlowProbe other;
  const auto slow_result = [](SlowProbe& probe) -> Task<Result<int>> {
    co_await probe.wait();
    co_return 1;
  };
  Polled both(try_join(slow_result(other), bad(error)));
  EXPECT_FALSE(both.poll(task));
  error.complete(0);
  EXPECT_FALSE(both.poll(task));
  other.let_end();
  ASSERT_TRUE(both.poll(task));
  EXPECT_EQ(both.take().error(), Errc::closed);
}

TEST(R167, CancelGoesThroughNestedCombinators) {
  MockTask task;
  SlowProbe slow;
  Probe<> a, other;
  Polled outer(select_biased(join(a.wait(), select(wait_slowly(slow), a.wait())), other.wait()));
  EXPECT_FALSE(outer.poll(task));
  other.complete(1);
  EXPECT_FALSE(outer.poll(task));
  EXPECT_EQ(slow.cancel_polls(), 1);
  slow.let_end();
  ASSERT_TRUE(outer.poll(task));
  EXPECT_EQ(outer.take().index(), 1U);
  EXPECT_EQ(slow.alive() + a.alive(), 0);
}

TEST(R167, JoinAllEndsItsMembersBeforeItFails) {
  MockTask task;
  SlowProbe slow;
  Probe<> error;
  const auto failing = [](Probe<>& probe) -> Task<> { static_cast<void>(co_await probe.wait()); };
  std::vector<Task<>> tasks;
  for (int i = 0; i < 40; ++i) tasks.push_back(i == 20 ? failing(error) : wait_slowly(slow));
  Polled all(join_all(std::move(tasks)));
  EXPECT_FALSE(all.poll(task));
  error.fail("error");
  EXPECT_FALSE(all.poll(task));
  EXPECT_EQ(slow.cancel_polls(), 39);
  slow.let_end();
  ASSERT_TRUE(all.poll(task));
  EXPECT_EQ(slow.alive(), 0);
  EXPECT_THROW(all.take(), std::runtime_error);
}

// join_all.

TEST(T66, JoinAllKeepsTheOrderOfTheRange) {
  MockTask task;
  for (const std::size_t size : {0U, 1U, 30U, 31U, 200U}) {
    std::vector<std::unique_ptr<Probe<>>> probes;
    std::vector<Task<int>> tasks;
    for (std::size_t i = 0; i < size; ++i) {
      tasks.push_back(value_of(*probes.emplace_back(std::make_unique<Probe<>>())));
    }
    Polled all(join_all(std::move(tasks)));
    std::vector<int> expected;
    EXPECT_EQ(all.poll(task), size == 0);
    for (std::size_t i = size; i-- > 0;) {
      probes[i]->complete(static_cast<int>(i));
      EXPECT_TRUE(task.take_woken());
      EXPECT_EQ(all.poll(task), i == 0);
    }
    for (std::size_t i = 0; i < size; ++i) expected.push_back(static_cast<int>(i));
    EXPECT_EQ(all.take(), expected);
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(T66, JoinAllOfManyPollsOnlyThoseThatWereWoken) {
  MockTask task;
  constexpr int kSize = 100;
  std::vector<Probe<>> probes(kSize);
  std::vector<Probe<>::Wait> waits;
  for (Probe<>& probe : probes) waits.push_back(probe.wait());
  Polled all(join_all(std::move(waits)));
  EXPECT_FALSE(all.poll(task));
  for (int i = 0; i < kSize; ++i) {
    probes[static_cast<std::size_t>(i)].complete(i);
    EXPECT_EQ(all.poll(task), i == kSize - 1);
  }
  for (const Probe<>& probe : probes) EXPECT_EQ(probe.polls(), 2);
}

TEST(T66, JoinAllOfAnLvalueRangeBorrowsItsElements) {
  MockTask task;
  Probe<> a, b, other;
  std::vector<Task<int>> tasks;
  tasks.push_back(value_of(a));
  tasks.push_back(value_of(b));
  other.complete(0);
  a.complete(1);
  {
    Polled lost(select_biased(join_all(tasks), other.wait()));
    ASSERT_TRUE(lost.poll(task));
    EXPECT_EQ(lost.take().index(), 1U);
  }
  b.complete(2);
  Polled again(tasks[1]);
  ASSERT_TRUE(again.poll(task));
  EXPECT_EQ(again.take(), 2);
}

TEST(T66, JoinAllTakesArraysViewsAndVoid) {
  MockTask task;
  std::array<Task<>, 2> array{nothing(), nothing()};
  Polled of_array(join_all(std::move(array)));
  ASSERT_TRUE(of_array.poll(task));
  EXPECT_EQ(of_array.take().size(), 2U);

  Polled of_view(join_all(std::views::iota(1, 4) | std::views::transform(number)));
  ASSERT_TRUE(of_view.poll(task));
  EXPECT_EQ(of_view.take(), (std::vector<int>{1, 2, 3}));

  std::vector<Task<std::unique_ptr<int>>> boxes;
  boxes.push_back(boxed(7));
  Polled of_boxes(join_all(std::views::all(boxes)));
  ASSERT_TRUE(of_boxes.poll(task));
  EXPECT_EQ(*of_boxes.take()[0], 7);
}

TEST(T67, JoinAllPropagatesAnExceptionAndDestroysTheOthers) {
  MockTask task;
  for (const int size : {3, 50}) {
    std::vector<Probe<>> probes(static_cast<std::size_t>(size));
    std::vector<Task<int>> tasks;
    for (Probe<>& probe : probes) tasks.push_back(value_of(probe));
    Polled all(join_all(std::move(tasks)));
    EXPECT_FALSE(all.poll(task));
    probes[1].fail("one");
    ASSERT_TRUE(all.poll(task));
    for (const Probe<>& probe : probes) EXPECT_EQ(probe.alive(), 0);
    EXPECT_THROW(all.take(), std::runtime_error);
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(T68, JoinAllOfManyGoesOnAfterTheBudgetIsUsedUp) {
  MockTask task;
  constexpr int kMembers = 1000;
  std::vector<int> spent(kMembers);
  std::vector<Task<>> tasks;
  for (int& units : spent) tasks.push_back(spend(3, &units));
  Polled all(join_all(std::move(tasks)));
  int polls = 0;
  for (bool done = false; !done; ++polls) {
    ASSERT_LT(polls, 100);
    Budget budget = Budget::initial();
    done = all.poll(task, budget);
    EXPECT_TRUE(done || task.take_woken()) << "out of budget, so it has to be polled again";
  }
  EXPECT_GE(polls, 3 * kMembers / 128);
  for (const int units : spent) EXPECT_EQ(units, 3);
}

TEST(T70, WakersOfJoinAllMayOutliveIt) {
  MockTask task;
  Waker late;
  {
    std::vector<Probe<>> probes(40);
    std::vector<Probe<>::Wait> waits;
    for (Probe<>& probe : probes) waits.push_back(probe.wait());
    std::vector<Task<>> tasks;
    const auto keep = [](Waker* out) -> Task<> {
      struct Keep : Leaf {
        explicit Keep(Waker* waker) : out(waker) {}
        bool poll(Context& cx) noexcept {
          *out = cx.clone_waker();
          return false;
        }
        void take() noexcept {}
        Waker* out;
      };
      struct KeepWaker {
        explicit KeepWaker(Waker* waker) : out(waker) {}
        LeafAwaiter<Keep> operator co_await() const { return LeafAwaiter<Keep>(out); }
        Waker* out;
      };
      co_await KeepWaker(out);
    };
    for (int i = 0; i < 40; ++i) tasks.push_back(keep(&late));
    Polled all(join_all(std::move(tasks)));
    EXPECT_FALSE(all.poll(task));
    late.wake();
    EXPECT_TRUE(task.take_woken());
    EXPECT_FALSE(all.poll(task));
  }
  EXPECT_EQ(task.waker_ref_count(), 1) << "the group has let go of the task";
  std::move(late).wake();
  EXPECT_FALSE(task.take_woken());
}

TEST(T69, CombinatorMovedAfterItWasAwaitedIsFatal) {
  MockTask task;
  Probe<> a;
  auto all = join(a.wait(), a.wait());
  Polled started(all);
  EXPECT_FALSE(started.poll(task));
  EXPECT_DEATH({ auto moved = std::move(all); }, "moved after it had been awaited");
}

}  // namespace
}  // namespace weft
