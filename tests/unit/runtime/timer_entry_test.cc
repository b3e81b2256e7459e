#include <weft/runtime/driver/timer_entry.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/timers.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/timer_shard.h>
#include <weft/runtime/waker.h>

namespace weft::internal {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using test_support::CallingTask;
using test_support::MockTask;
using test_support::TestTimer;
using test_support::TestTimers;
using Deadline = TimerEntry::Deadline;

TEST(TM12, FiresAtTheFirstTurnAtOrAfterTheDeadlineNeverEarly) {
  TestTimers timers;
  TestTimer timer(timers, 10ms + 1ns);
  EXPECT_FALSE(timer.poll());
  timers.turn_at(10ms + 1ns);
  EXPECT_FALSE(timer.poll());  // its tick begins at 11 ms
  timers.turn_at(10'999'999ns);
  EXPECT_FALSE(timer.poll());
  timers.turn_at(11ms);
  EXPECT_TRUE(timer.poll());
}

TEST(TM13, APastDeadlineFiresWhenRegistered) {
  TestTimers timers;
  timers.turn_at(10ms);
  for (const nanoseconds deadline : {nanoseconds(-1s), nanoseconds(9ms), nanoseconds(10ms)}) {
    TestTimer timer(timers, deadline);
    EXPECT_TRUE(timer.poll()) << deadline.count();
    EXPECT_EQ(timer.task.wake_count(), 0);
    EXPECT_EQ(timer.task.waker_ref_count(), 1);
  }
}

TEST(TM13, APastDeadlineFiresAlsoIfTheDriverHasNotTurnedSince) {
  TestTimers timers;
  timers.clock.advance(10ms, std::source_location::current());
  TestTimer timer(timers, 5ms);
  EXPECT_TRUE(timer.poll());
}

TEST(TM13, WhatTheDriverHasPassedFiresWhenRegistered) {
  TestTimers timers;
  TestTimer timer(timers, 5ms, Deadline::kAhead);
  timers.turn_at(10ms);
  EXPECT_TRUE(timer.poll());
}

TEST(TM14, TheFarthestInstantIsWaitedFor) {
  TestTimers timers;
  TestTimer timer(timers, SteadyTime::max() - timers.start);
  EXPECT_FALSE(timer.poll());
  timers.turn_at(100 * 365 * 24h);
  EXPECT_FALSE(timer.poll());
  timers.turn_at(SteadyTime::max() - timers.start);
  EXPECT_TRUE(timer.poll());
}

TEST(TM15, ElapsedOnlyAfterTheDriverFiredIt) {
  TestTimers timers;
  TestTimer timer(timers, 5ms, Deadline::kAhead);
  timers.clock.advance(6ms, std::source_location::current());
  EXPECT_FALSE(timer.entry.is_elapsed());
  EXPECT_FALSE(timer.poll());
  EXPECT_FALSE(timer.entry.is_elapsed());
  timers.driver.process(timers.clock.now());
  EXPECT_TRUE(timer.entry.is_elapsed());
}

TEST(TM16, ResetBeforeTheFirstPollRegisters) {
  TestTimers timers;
  TestTimer timer(timers, 5ms);
  timer.entry.reset(timers.at(7ms));
  EXPECT_TRUE(timer.entry.is_registered());
  timers.turn_at(7ms);
  EXPECT_TRUE(timer.entry.is_elapsed());
}

TEST(TM16, ResetWhilePendingMovesIt) {
  for (const nanoseconds deadline : {20ms, 5ms}) {
    TestTimers timers;
    TestTimer timer(timers, 10ms);
    EXPECT_FALSE(timer.poll());
    timer.entry.reset(timers.at(deadline));
    EXPECT_EQ(timer.task.wake_count(), 0);
    timers.turn_at(deadline - 1ms);
    EXPECT_FALSE(timer.poll());
    EXPECT_EQ(timer.task.wake_count(), 0);
    timers.turn_at(deadline);
    EXPECT_EQ(timer.task.wake_count(), 1);
    EXPECT_TRUE(timer.poll());
  }
}

TEST(TM16, ResetAfterCompletionArmsItAgain) {
  TestTimers timers;
  TestTimer timer(timers, 10ms);
  EXPECT_FALSE(timer.poll());
  timers.turn_at(10ms);
  EXPECT_TRUE(timer.poll());
  timer.entry.reset(timers.at(30ms));
  EXPECT_FALSE(timer.entry.is_elapsed());
  EXPECT_FALSE(timer.poll());
  timers.turn_at(30ms);
  EXPECT_TRUE(timer.poll());
}

TEST(TM16, ResetIntoThePastWakesTheStoredWaker) {
  TestTimers timers;
  timers.turn_at(10ms);
  TestTimer timer(timers, 20ms);
  EXPECT_FALSE(timer.poll());
  timer.entry.reset(timers.at(9ms));
  EXPECT_EQ(timer.task.wake_count(), 1);
  EXPECT_EQ(timer.task.waker_ref_count(), 1);
  EXPECT_TRUE(timer.poll());
}

TEST(TM16, ResetOfAnUnpolledTimerIntoThePastCompletesIt) {
  TestTimers timers;
  timers.turn_at(10ms);
  TestTimer timer(timers, 20ms, Deadline::kAhead);
  timer.entry.reset(timers.at(10ms));
  EXPECT_TRUE(timer.entry.is_elapsed());
}

TEST(TM18, DestroyingUnregistersAndDropsTheWaker) {
  TestTimers timers;
  MockTask task;
  {
    TestTimer timer(timers, 10ms);
    EXPECT_FALSE(timer.poll(task));
    EXPECT_EQ(task.waker_ref_count(), 2);
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
  EXPECT_EQ(timers.driver.begin_sleep(), kNever);
  timers.turn_at(10ms);
  EXPECT_EQ(task.wake_count(), 0);
}

TEST(TM18, DestroyingFromInsideAWakeIsLegal) {
  // More than a batch: the rest is cancelled while the first batch is being woken.
  TestTimers timers;
  std::deque<std::optional<TimerEntry>> entries;
  int wakes = 0;
  CallingTask task([&] {
    ++wakes;
    entries.clear();
  });
  const Waker waker = task.waker();
  for (int i = 0; i < 100; ++i) {
    entries.emplace_back().emplace(timers.at(10ms), Deadline::kUnknown, timers.driver, 0U);
    Context cx(waker);
    EXPECT_FALSE(entries.back()->poll(cx));
  }
  timers.turn_at(10ms);
  EXPECT_TRUE(entries.empty());
  EXPECT_EQ(wakes, 32);
  EXPECT_EQ(timers.driver.begin_sleep(), kNever);
}

TEST(TM18, DestroyingAfterTheRuntimeIsGoneIsLegal) {
  auto timers = std::make_unique<TestTimers>();
  auto polled = std::make_unique<TestTimer>(*timers, 10ms);
  auto unpolled = std::make_unique<TestTimer>(*timers, 10ms);
  EXPECT_FALSE(polled->poll());
  timers.reset();
  EXPECT_EQ(polled->task.wake_count(), 1);
  const TestTimers other;  // has the same shard
  polled.reset();
  unpolled.reset();
}

TEST(TM19, ATimerOfARuntimeThatEndedIsGone) {
  auto timers = std::make_unique<TestTimers>();
  TestTimer polled(*timers, 10ms);
  TestTimer unpolled(*timers, 10ms);
  EXPECT_FALSE(polled.poll());
  timers.reset();
  TestTimers other;  // has the same shard, and another start
  for (TestTimer* const timer : {&polled, &unpolled}) {
    EXPECT_TRUE(timer->poll());
    EXPECT_TRUE(timer->entry.is_gone());
    EXPECT_FALSE(timer->entry.is_elapsed());
    timer->entry.reset(other.at(1h));
    EXPECT_TRUE(timer->poll());
    EXPECT_TRUE(timer->entry.is_gone());
  }
  EXPECT_EQ(other.driver.begin_sleep(), kNever);
}

TEST(TM20, ATimerKeepsItsDriversTickSpace) {
  TestTimers first;
  first.turn_at(500us);
  TestTimers second;  // starts later
  TestTimer timer(first, 1ms);
  EXPECT_FALSE(timer.poll());
  timer.entry.reset(first.at(2ms));
  second.turn_at(1h);
  EXPECT_FALSE(timer.poll());
  first.turn_at(2ms);
  EXPECT_TRUE(timer.poll());
}

TEST(TM37, AnEntryIsOneCacheLine) { EXPECT_EQ(sizeof(TimerEntry), 64U); }

TEST(TM37, ARegisteredEntryMayNotBeMoved) {
  TestTimers timers;
  TestTimer timer(timers, 10ms);
  TimerEntry moved(std::move(timer.entry));  // not yet registered
  MockTask task;
  const Waker waker = task.waker();
  Context cx(waker);
  EXPECT_FALSE(moved.poll(cx));
  EXPECT_DEATH(TimerEntry(std::move(moved)), "moved after it had been polled");
  timers.turn_at(10ms);
  TimerEntry again(std::move(moved));  // fired: nobody refers to it
  EXPECT_TRUE(again.is_elapsed());
}

TEST(TM38, ALaterDeadlineLeavesTheWheelAlone) {
  TestTimers timers;
  TestTimer timer(timers, 10ms);
  EXPECT_FALSE(timer.poll());
  timer.entry.reset(timers.at(30ms));
  EXPECT_EQ(timer.entry.tick(), 10U);  // still under its old tick
  timers.turn_at(10ms);
  EXPECT_EQ(timer.entry.tick(), 30U);
  EXPECT_EQ(timer.task.wake_count(), 0);
  timers.turn_at(30ms);
  EXPECT_TRUE(timer.task.take_woken());
}

TEST(TM38, AnEarlierDeadlineIsPutInAgain) {
  TestTimers timers;
  TestTimer timer(timers, 30ms);
  EXPECT_FALSE(timer.poll());
  timer.entry.reset(timers.at(10ms));
  EXPECT_EQ(timer.entry.tick(), 10U);
}

TEST(TM39, ConfirmingDecidesBetweenResetAndExpiry) {
  TestTimers timers;
  TestTimer timer(timers, 10ms);
  EXPECT_FALSE(timer.poll());
  EXPECT_EQ(timer.entry.confirm_due(9), 10U);  // not yet
  timer.entry.reset(timers.at(20ms));
  EXPECT_EQ(timer.entry.confirm_due(10), 20U);  // the reset came first
  EXPECT_LE(timer.entry.confirm_due(20), 20U);  // decided
  // A later deadline cannot be slipped in any more: it has to take the lock.
  timer.entry.reset(timers.at(40ms));
  EXPECT_EQ(timer.entry.tick(), 40U);
}

TEST(TM41, TheLastWakerIsWoken) {
  TestTimers timers;
  TestTimer timer(timers, 10ms);
  MockTask first;
  EXPECT_FALSE(timer.poll(first));
  EXPECT_FALSE(timer.poll());
  EXPECT_EQ(first.waker_ref_count(), 1);
  timers.turn_at(10ms);
  EXPECT_EQ(first.wake_count(), 0);
  EXPECT_EQ(timer.task.wake_count(), 1);
}

TEST(TM41, PollingAgainKeepsOneWaker) {
  TestTimers timers;
  TestTimer timer(timers, 10ms);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(timer.poll());
  EXPECT_EQ(timer.task.waker_ref_count(), 2);
}

TEST(TM42, CancellingWakesNobody) {
  TestTimers timers;
  TestTimer timer(timers, 10ms);
  EXPECT_FALSE(timer.poll());
  timer.entry.cancel();
  EXPECT_FALSE(timer.entry.is_registered());
  EXPECT_EQ(timer.task.waker_ref_count(), 1);
  timers.turn_at(10ms);
  EXPECT_EQ(timer.task.wake_count(), 0);
}

TEST(TM57, OneNanosecondBeyondAMillisecondTakesTwo) {
  TestTimers timers;
  TestTimer timer(timers, 1ms + 1ns);
  EXPECT_FALSE(timer.poll());
  EXPECT_EQ(timers.driver.begin_sleep(), 2U);
}

TEST(TM57, OfTwoTimersInOneSlotOneMayMoveAway) {
  TestTimers timers;
  TestTimer stays(timers, 100ms);
  std::optional<TestTimer> moves(std::in_place, timers, 100ms);
  EXPECT_FALSE(stays.poll());
  EXPECT_FALSE(moves->poll());
  moves->entry.reset(timers.at(300ms));
  timers.turn_at(100ms);
  EXPECT_TRUE(stays.task.take_woken());
  EXPECT_FALSE(moves->task.take_woken());
  timers.turn_at(299ms);
  moves.reset();
  timers.turn_at(300ms);
  EXPECT_EQ(timers.driver.begin_sleep(), kNever);
}

TEST(TM57, YearsAreWaitedForAcrossRotations) {
  constexpr nanoseconds kYear = 365 * 24h;
  TestTimers timers;
  TestTimer timer(timers, 15 * kYear);
  EXPECT_FALSE(timer.poll());
  for (int year = 1; year <= 5; ++year) {
    timers.turn_at(year * kYear);
    EXPECT_FALSE(timer.poll());
  }
  timers.turn_at(15 * kYear - 1ms);
  EXPECT_FALSE(timer.poll());
  timers.turn_at(15 * kYear);
  EXPECT_TRUE(timer.poll());
}

TEST(TM57, HundredsOfYearsBesideANanosecond) {
  TestTimers timers;
  TestTimer far(timers, nanoseconds(INT64_MAX / 10));
  TestTimer near(timers, 1ns);
  EXPECT_FALSE(far.poll());
  EXPECT_FALSE(near.poll());
  timers.turn_at(1ms);
  EXPECT_TRUE(near.poll());
  EXPECT_FALSE(far.poll());
}

}  // namespace
}  // namespace weft::internal
