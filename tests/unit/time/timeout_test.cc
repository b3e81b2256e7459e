#include <weft/time/timeout.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/paused_runtime.h>
#include <tests/support/probe.h>
#include <weft/base/runtime_gone.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>

namespace weft::time {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using test_support::MockTask;
using test_support::PausedRuntime;
using test_support::Polled;
using test_support::Probe;
using test_support::SlowProbe;

Task<int> number(int n) { co_return n; }

TEST(TM3, ATimeoutBeyondTheClocksRangeIsThirtyYears) {
  PausedRuntime rt;
  EXPECT_EQ(timeout(nanoseconds::max(), number(1)).deadline(), rt.at(30 * 365 * 24h));
}

TEST(TM21, AReadyAwaitableWinsHoweverLate) {
  PausedRuntime rt;
  rt.advance(1h);
  auto won = rt->block_on(timeout_at(rt.at(0s), number(7)));
  ASSERT_TRUE(won.has_value());
  EXPECT_EQ(*won, 7);
}

TEST(TM21, TheAwaitableIsPolledBeforeTheDeadlineIsLookedAt) {
  PausedRuntime rt;
  MockTask task;
  Probe<int> probe;
  Polled limited(timeout(10ms, probe.wait()));
  EXPECT_FALSE(limited.poll(task));
  rt.advance(1h);
  probe.complete(7);
  ASSERT_TRUE(limited.poll(task));
  EXPECT_EQ(limited.take().value(), 7);
}

TEST(TM21, AtTheDeadlineItYieldsElapsed) {
  PausedRuntime rt;
  Probe<int> never;
  auto result = rt->block_on(timeout(10ms, never.wait()));
  EXPECT_EQ(rt.now(), 10ms);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error(), Elapsed());
  EXPECT_EQ(Error(result.error()), Errc::elapsed);
  EXPECT_FALSE(result.error().to_string().empty());
}

TEST(TM21, TheAwaitableIsGoneWhenElapsedIsDelivered) {
  PausedRuntime rt;
  MockTask task;
  Probe<int> probe;
  Polled limited(timeout(10ms, probe.wait()));
  EXPECT_FALSE(limited.poll(task));
  EXPECT_EQ(probe.alive(), 1);
  rt.advance(10ms);
  ASSERT_TRUE(limited.poll(task));
  EXPECT_EQ(probe.alive(), 0);
}

TEST(TM21, ATaskIsDestroyedAtTheDeadline) {
  PausedRuntime rt;
  Probe<int> never;
  auto alive = std::make_shared<int>(0);
  rt.run([&]() -> Task<> {
    auto body = [](Probe<int>& probe, std::shared_ptr<int>) -> Task<int> {
      co_return co_await probe.wait();
    };
    Task<int> waits = body(never, alive);
    const auto result = co_await timeout(10ms, std::move(waits));
    EXPECT_FALSE(result.has_value());
    EXPECT_EQ(alive.use_count(), 1);
  });
}

TEST(TM21, AnExceptionComesOut) {
  PausedRuntime rt;
  Probe<int> probe;
  probe.fail("broken");
  EXPECT_THROW(static_cast<void>(rt->block_on(timeout(10ms, probe.wait()))), std::runtime_error);
}

TEST(TM21, ABorrowedAwaitableSurvivesTheDeadline) {
  PausedRuntime rt;
  Probe<int> probe;
  rt.run([&]() -> Task<> {
    auto body = [](Probe<int>& waited_for) -> Task<int> { co_return co_await waited_for.wait(); };
    Task<int> task = body(probe);
    const auto first = co_await timeout(10ms, task);
    EXPECT_FALSE(first.has_value());
    EXPECT_EQ(probe.alive(), 1);
    probe.complete(3);
    const auto second = co_await timeout(10ms, task);
    EXPECT_EQ(second.value(), 3);
  });
}

TEST(TM21, WhatMustBeCancelledStepByStepIsDrivenToItsEndFirst) {
  PausedRuntime rt;
  MockTask task;
  SlowProbe probe;
  Polled limited(timeout(10ms, probe.wait()));
  EXPECT_FALSE(limited.poll(task));
  rt.advance(10ms);
  EXPECT_TRUE(task.take_woken());
  EXPECT_FALSE(limited.poll(task));
  EXPECT_EQ(probe.cancel_polls(), 1);
  EXPECT_EQ(probe.alive(), 1);
  probe.let_end();
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(limited.poll(task));
  EXPECT_EQ(probe.alive(), 0);
  EXPECT_FALSE(limited.take().has_value());
}

TEST(R167, CancellingATimeoutCancelsWhatIsInside) {
  PausedRuntime rt;
  MockTask task;
  SlowProbe probe;
  Polled limited(timeout(10ms, probe.wait()));
  EXPECT_FALSE(limited.poll(task));
  const Waker waker = task.waker();
  Context cx(waker);
  EXPECT_FALSE(limited.node().poll_cancel(cx));
  probe.let_end();
  EXPECT_TRUE(limited.node().poll_cancel(cx));
  limited.cancel();
  EXPECT_EQ(probe.alive(), 0);
}

TEST(TM22, AnAwaitableThatUsesUpTheBudgetIsTimedOutAllTheSame) {
  PausedRuntime rt;
  MockTask task;
  // Takes the whole budget in every poll and never completes.
  auto greedy = []() -> Task<> {
    for (;;) co_await sleep(0ns);
  };
  Polled limited(timeout(10ms, greedy()));
  Budget budget = Budget::initial();
  EXPECT_FALSE(limited.poll(task, budget));
  EXPECT_FALSE(budget.has_remaining());
  rt.advance(10ms);
  budget = Budget::initial();
  ASSERT_TRUE(limited.poll(task, budget));
  EXPECT_FALSE(limited.take().has_value());
}

TEST(TM22, WithoutBudgetFromTheBeginningItIsNot) {
  PausedRuntime rt;
  MockTask task;
  Probe<int> never;
  Polled limited(timeout(10ms, never.wait()));
  EXPECT_FALSE(limited.poll(task));
  rt.advance(10ms);
  Budget budget = Budget::initial();
  while (budget.has_remaining()) budget.spend();
  EXPECT_FALSE(limited.poll(task, budget));
  EXPECT_TRUE(limited.poll(task));
}

TEST(TM23, TheAwaitableCanBeSeenAndTakenBack) {
  PausedRuntime rt;
  Probe<int> probe;
  auto limited = timeout(10ms, sleep(5ms));
  EXPECT_EQ(limited.inner().deadline(), rt.at(5ms));
  Sleep slept = std::move(limited).into_inner();
  rt->block_on(slept);
  EXPECT_EQ(rt.now(), 5ms);
  Sleep borrowed = sleep(1ms);
  auto borrowing = timeout(10ms, borrowed);
  EXPECT_EQ(&borrowing.inner(), &borrowed);
  EXPECT_EQ(&std::move(borrowing).into_inner(), &borrowed);
}

TEST(TM23, ItIsMovableUntilItIsAwaited) {
  PausedRuntime rt;
  auto limited = timeout(10ms, number(3));
  auto moved = std::move(limited);
  EXPECT_EQ(rt->block_on(std::move(moved)).value(), 3);
  MockTask task;
  Probe<int> never;
  auto started = timeout(10ms, never.wait());
  Polled polled(started);
  EXPECT_FALSE(polled.poll(task));
  EXPECT_DEATH(static_cast<void>(std::move(started).into_inner()),
               "time::Timeout: moved or taken apart after it had been awaited");
}

TEST(TM23, TheTimerIsRegisteredLazilyAndDroppedWithIt) {
  PausedRuntime rt;
  MockTask task;
  Probe<int> never;
  {
    Polled limited(timeout(10ms, never.wait()));
    EXPECT_EQ(task.waker_ref_count(), 1);
    EXPECT_FALSE(limited.poll(task));
    EXPECT_EQ(task.waker_ref_count(), 3);  // the probe's and the timer's
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
  rt.advance(1h);
  EXPECT_EQ(task.wake_count(), 0);
}

TEST(TM19, ATimeoutOfARuntimeThatEndedThrows) {
  std::optional<PausedRuntime> ended(std::in_place);
  MockTask task;
  Probe<int> never;
  Polled limited(timeout(10ms, never.wait()));
  EXPECT_FALSE(limited.poll(task));
  ended.reset();
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(limited.poll(task));
  EXPECT_THROW(static_cast<void>(limited.take()), RuntimeGone);
}

TEST(TM60, TheLongestTimeoutIsPendingAfterTenYears) {
  PausedRuntime rt;
  MockTask task;
  Probe<int> never;
  Polled limited(timeout(nanoseconds::max(), never.wait()));
  EXPECT_FALSE(limited.poll(task));
  rt.advance(10 * 365 * 24h);
  EXPECT_FALSE(limited.poll(task));
}

TEST(TM60, ADeadlineThatIsNowElapsesWithinAMillisecond) {
  PausedRuntime rt;
  Probe<int> never;
  const auto result = rt->block_on(timeout(0ns, never.wait()));
  EXPECT_FALSE(result.has_value());
  EXPECT_LE(rt.now(), 1ms);
}

TEST(TM60, ACompletedAwaitableBeatsAPastDeadline) {
  PausedRuntime rt;
  rt.advance(1s);
  EXPECT_EQ(rt->block_on(timeout_at(rt.at(0s), number(3))).value(), 3);
}

TEST(TM60, AnEndlessLoopOfReadyAwaitsIsTimedOut) {
  // On a running clock: a paused one stands still while a task is busy.
  runtime::Runtime rt = test_support::current_thread();
  const auto result = rt.block_on([]() -> Task<bool> {
    auto busy = []() -> Task<> {
      for (;;) co_await sleep(0ns);
    };
    const auto limited = co_await timeout(1ms, busy());
    co_return limited.has_value();
  }());
  EXPECT_FALSE(result);
}

}  // namespace
}  // namespace weft::time
