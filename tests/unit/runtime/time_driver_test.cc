#include <weft/runtime/driver/time_driver.h>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <tests/support/mock_task.h>
#include <tests/support/timers.h>
#include <weft/runtime/driver/timer_entry.h>
#include <weft/runtime/driver/timer_shard.h>

namespace weft::internal {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using test_support::MockTask;
using test_support::TestTimer;
using test_support::TestTimers;
using Deadline = TimerEntry::Deadline;

// Calls a function each time it is woken.
class CallingTask final : public Wakeable {
 public:
  explicit CallingTask(std::function<void()> on_wake)
      : Wakeable(1, &kOps), on_wake_(std::move(on_wake)) {}
  // Lives on a test's stack: nothing counts, and nothing is kept beyond it.
  Waker waker() { return Waker::adopt(this); }

 private:
  static void wake(Wakeable* target) noexcept { static_cast<CallingTask*>(target)->on_wake_(); }
  static void count(Wakeable*) noexcept {}
  static constexpr WakeOps kOps = {&wake, &wake, &count, &count};

  std::function<void()> on_wake_;
};

TEST(TM29, NowIsRoundedDownAndDeadlinesUp) {
  const SteadyTime start(17ns);
  const TickScale scale(start);
  EXPECT_EQ(scale.floor(start + 1'999'999ns), 1U);
  EXPECT_EQ(scale.floor(start + 2ms), 2U);
  EXPECT_EQ(scale.ceil(start + 2ms), 2U);
  EXPECT_EQ(scale.ceil(start + 2'000'001ns), 3U);
  EXPECT_EQ(scale.instant(3), start + 3ms);
}

TEST(TM29, TimeBeforeTheStartIsTickZero) {
  const TickScale scale(SteadyTime(1s));
  EXPECT_EQ(scale.floor(SteadyTime(0s)), 0U);
  EXPECT_EQ(scale.ceil(SteadyTime(0s)), 0U);
  EXPECT_EQ(scale.ceil(SteadyTime::min()), 0U);
}

TEST(TM29, TheEndOfTimeIsATickThatComes) {
  const TickScale scale(SteadyTime(1s));
  EXPECT_EQ(scale.ceil(SteadyTime::max()), scale.floor(SteadyTime::max()));
  EXPECT_LE(scale.ceil(SteadyTime::max()), kMaxTick);
  EXPECT_EQ(scale.instant(kMaxTick), SteadyTime::max());
}

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

TEST(TM34, TimersOfAllShardsAreFired) {
  TestTimers timers(3);
  std::deque<TestTimer> made;
  for (const unsigned shard : {0U, 1U, 2U}) {
    EXPECT_FALSE(made.emplace_back(timers, 10ms, Deadline::kUnknown, shard).poll());
  }
  timers.turn_at(10ms);
  for (TestTimer& timer : made) EXPECT_TRUE(timer.task.take_woken());
}

TEST(TM35, AnEarlierNowCountsAsTheLast) {
  TestTimers timers;
  TestTimer timer(timers, 20ms);
  EXPECT_FALSE(timer.poll());
  timers.driver.process(timers.at(10ms));
  timers.driver.process(timers.at(5ms));
  EXPECT_EQ(timers.driver.shard(0).wheel.elapsed(), 0U);  // nothing was due
  timers.driver.process(timers.at(20ms));
  timers.driver.process(timers.at(5ms));
  EXPECT_EQ(timers.driver.shard(0).wheel.elapsed(), 20U);
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

TEST(TM40, WakersAreInvokedUnlocked) {
  TestTimers timers;
  TestTimer other(timers, 1h);
  CallingTask task([&] { EXPECT_FALSE(other.poll()); });  // takes the lock of the same shard
  const Waker waker = task.waker();
  Context cx(waker);
  TestTimer timer(timers, 10ms);
  EXPECT_FALSE(timer.entry.poll(cx));
  timers.turn_at(10ms);
  EXPECT_TRUE(other.entry.is_registered());
}

TEST(TM40, MoreThanABatchIsAllWoken) {
  TestTimers timers;
  std::deque<TestTimer> made;
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(made.emplace_back(timers, 10ms).poll());
  timers.turn_at(10ms);
  for (TestTimer& timer : made) {
    EXPECT_EQ(timer.task.wake_count(), 1);
    EXPECT_EQ(timer.task.waker_ref_count(), 1);
    EXPECT_TRUE(timer.poll());
  }
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

TEST(TM43, AnEarlierTimerUnparksASleepingDriver) {
  TestTimers timers;
  TestTimer sleeping_for(timers, 10ms);
  EXPECT_FALSE(sleeping_for.poll());
  EXPECT_EQ(timers.driver.begin_sleep(), 10U);
  timers.driver.promise_wake(10);
  TestTimer later(timers, 11ms);
  TestTimer same(timers, 10ms);
  EXPECT_FALSE(later.poll());
  EXPECT_FALSE(same.poll());
  EXPECT_EQ(timers.sleeper->unparks(), 0);
  TestTimer earlier(timers, 9ms);
  EXPECT_FALSE(earlier.poll());
  EXPECT_EQ(timers.sleeper->unparks(), 1);
  timers.driver.end_sleep();
}

TEST(TM43, ADriverThatComputesItsSleepIsUnparkedForAnything) {
  TestTimers timers;
  EXPECT_EQ(timers.driver.begin_sleep(), kNever);
  TestTimer timer(timers, 1h);
  EXPECT_FALSE(timer.poll());
  EXPECT_EQ(timers.sleeper->unparks(), 1);
}

TEST(TM43, ADriverThatIsAwakeIsNot) {
  TestTimers timers;
  static_cast<void>(timers.driver.begin_sleep());
  timers.driver.end_sleep();
  TestTimer timer(timers, 1ms);
  EXPECT_FALSE(timer.poll());
  EXPECT_EQ(timers.sleeper->unparks(), 0);
}

TEST(TM43, ResettingToAnEarlierDeadlineUnparksToo) {
  TestTimers timers;
  TestTimer timer(timers, 10ms);
  EXPECT_FALSE(timer.poll());
  timers.driver.promise_wake(timers.driver.begin_sleep());
  timer.entry.reset(timers.at(5ms));
  EXPECT_EQ(timers.sleeper->unparks(), 1);
}

TEST(TM44, TheFirstTimerOfAllShardsEndsTheSleep) {
  TestTimers timers(3);
  TestTimer a(timers, 30ms, Deadline::kUnknown, 0);
  TestTimer b(timers, 10ms, Deadline::kUnknown, 1);
  TestTimer c(timers, 20ms, Deadline::kUnknown, 2);
  for (TestTimer* const timer : {&a, &b, &c}) EXPECT_FALSE(timer->poll());
  EXPECT_EQ(timers.driver.begin_sleep(), 10U);
  b.entry.cancel();
  EXPECT_EQ(timers.driver.begin_sleep(), 20U);
}

TEST(TM47, ShutdownWakesEveryTimerHoweverFar) {
  TestTimers timers(2);
  TestTimer soon(timers, 1ms, Deadline::kUnknown, 0);
  TestTimer late(timers, 100 * 365 * 24h, Deadline::kUnknown, 1);
  EXPECT_FALSE(soon.poll());
  EXPECT_FALSE(late.poll());
  timers.driver.shutdown();
  for (TestTimer* const timer : {&soon, &late}) {
    EXPECT_EQ(timer->task.wake_count(), 1);
    EXPECT_TRUE(timer->poll());
    EXPECT_TRUE(timer->entry.is_gone());
  }
}

TEST(TM47, AfterShutdownNothingCanBeRegistered) {
  TestTimers timers;
  timers.driver.shutdown();
  timers.driver.shutdown();
  TestTimer timer(timers, 1ms);
  EXPECT_TRUE(timer.poll());
  EXPECT_TRUE(timer.entry.is_gone());
}

TEST(TM47, ATimerThatFiredBeforeShutdownHasFired) {
  TestTimers timers;
  TestTimer timer(timers, 1ms);
  EXPECT_FALSE(timer.poll());
  timers.turn_at(1ms);
  timers.driver.shutdown();
  EXPECT_TRUE(timer.entry.is_elapsed());
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
