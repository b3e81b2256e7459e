#include <weft/runtime/driver/time_driver.h>

#include <chrono>
#include <deque>

#include <gtest/gtest.h>

#include <tests/support/timers.h>
#include <weft/runtime/driver/timer_entry.h>
#include <weft/runtime/driver/timer_shard.h>

namespace weft::internal {
namespace {

using namespace std::chrono_literals;
using test_support::CallingTask;
using test_support::TestTimer;
using test_support::TestTimers;
using Deadline = TimerEntry::Deadline;

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

}  // namespace
}  // namespace weft::internal
