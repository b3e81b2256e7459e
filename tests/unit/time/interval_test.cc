#include <weft/time/interval.h>

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/paused_runtime.h>
#include <weft/base/runtime_gone.h>
#include <weft/runtime/context.h>
#include <weft/runtime/task.h>

namespace weft::time {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using test_support::MockTask;
using test_support::PausedRuntime;
using test_support::Polled;

// Awaits the next tick, which the paused clock jumps to: {scheduled, when it came}, since the
// start.
struct Ticked {
  nanoseconds scheduled;
  nanoseconds came;
  friend bool operator==(Ticked, Ticked) = default;
};
Ticked next(PausedRuntime& rt, Interval& interval) {
  const Instant scheduled = rt->block_on(interval.tick());
  return {scheduled - rt.at(0s), rt.now()};
}
Ticked on_time(nanoseconds at) { return {at, at}; }

// True if a tick is ready now, which is then consumed.
bool is_ready(Interval& interval) {
  MockTask task;
  return Polled(interval.tick()).poll(task);
}

// An interval of 300 ms of which the first tick was consumed at 0, and the one of 300 at 950.
Interval late_at_950(PausedRuntime& rt, MissedTickBehavior behavior) {
  Interval made = interval(300ms);
  made.missed_tick_behavior(behavior);
  EXPECT_EQ(next(rt, made), on_time(0ms));
  rt.advance(950ms);
  EXPECT_EQ(next(rt, made), (Ticked{300ms, 950ms}));
  return made;
}

// The same, but the next tick is due at 600 and it is 401.
Interval at_401(PausedRuntime& rt) {
  Interval made = interval(300ms);
  EXPECT_EQ(next(rt, made), on_time(0ms));
  EXPECT_EQ(next(rt, made), on_time(300ms));
  rt.advance(101ms);
  EXPECT_FALSE(is_ready(made));
  return made;
}

TEST(TM3, AStepBeyondTheClocksRangeIsThirtyYears) {
  PausedRuntime rt;
  Interval made = interval(nanoseconds::max());
  EXPECT_EQ(next(rt, made), on_time(0s));
  EXPECT_EQ(next(rt, made), on_time(30 * 365 * 24h));
}

TEST(TM24, FirstTickIsImmediate) {
  PausedRuntime rt;
  Interval made = interval(10ms);
  EXPECT_EQ(next(rt, made), on_time(0s));
  EXPECT_EQ(next(rt, made), on_time(10ms));
}

TEST(TM24, FirstTickIsAtTheStartThatWasGiven) {
  PausedRuntime rt;
  Interval made = interval_at(rt.at(7ms), 10ms);
  EXPECT_FALSE(is_ready(made));
  EXPECT_EQ(next(rt, made), on_time(7ms));
  EXPECT_EQ(next(rt, made), on_time(17ms));
}

TEST(TM24, APeriodOfZeroIsFatal) {
  PausedRuntime rt;
  EXPECT_DEATH(static_cast<void>(interval(0ms)),
               "interval_test\\.cc:[0-9]+: time::interval: .*zero");
  EXPECT_DEATH(static_cast<void>(interval_at(rt.at(0s), -1s)),
               "interval_test\\.cc:[0-9]+: time::interval_at: .*zero");
}

TEST(TM24, ACancelledTickIsNotLost) {
  PausedRuntime rt;
  Interval made = interval_at(rt.at(10ms), 10ms);
  MockTask task;
  {
    Polled cancelled(made.tick());
    EXPECT_FALSE(cancelled.poll(task));
  }
  rt.advance(10ms);
  {
    // Woken, and cancelled before it was polled again.
    Polled cancelled(made.tick());
    static_cast<void>(cancelled);
  }
  EXPECT_EQ(next(rt, made), on_time(10ms));
}

TEST(TM24, ThePollFormYieldsTheSame) {
  PausedRuntime rt;
  Interval made = interval_at(rt.at(10ms), 10ms);
  MockTask task;
  const Waker waker = task.waker();
  Context cx(waker);
  EXPECT_TRUE(made.poll_tick(cx).is_pending());
  rt.advance(10ms);
  EXPECT_TRUE(task.take_woken());
  const Poll<Instant> tick = made.poll_tick(cx);
  ASSERT_TRUE(tick.is_ready());
  EXPECT_EQ(*tick, rt.at(10ms));
}

TEST(TM25, FiveMillisecondsLateIsOnTime) {
  for (const auto behavior :
       {MissedTickBehavior::kBurst, MissedTickBehavior::kDelay, MissedTickBehavior::kSkip}) {
    PausedRuntime rt;
    Interval made = interval(100ms);
    made.missed_tick_behavior(behavior);
    EXPECT_EQ(next(rt, made), on_time(0ms));
    rt.advance(105ms);
    EXPECT_EQ(next(rt, made), (Ticked{100ms, 105ms}));
    EXPECT_EQ(next(rt, made), on_time(200ms));
  }
}

TEST(TM25, SixMillisecondsLateIsMissed) {
  PausedRuntime rt;
  Interval made = interval(100ms);
  made.missed_tick_behavior(MissedTickBehavior::kDelay);
  EXPECT_EQ(next(rt, made), on_time(0ms));
  rt.advance(106ms);
  EXPECT_EQ(next(rt, made), (Ticked{100ms, 106ms}));
  EXPECT_EQ(next(rt, made), on_time(206ms));
}

TEST(TM25, BurstIsTheDefault) {
  PausedRuntime rt;
  EXPECT_EQ(interval(1s).missed_tick_behavior(), MissedTickBehavior::kBurst);
}

TEST(TM26, BetweenTicksNoTimerIsRegistered) {
  PausedRuntime rt;
  Interval made = interval(100ms);
  MockTask task;
  EXPECT_TRUE(Polled(made.tick()).poll(task));
  EXPECT_EQ(task.waker_ref_count(), 1);
  rt.advance(200ms);
  EXPECT_EQ(task.wake_count(), 0);
  Interval moved = std::move(made);  // as it could not be if a timer referred to it
  EXPECT_TRUE(is_ready(moved));
}

TEST(TM26, MovingItForgetsWhoWaited) {
  PausedRuntime rt;
  Interval made = interval_at(rt.at(10ms), 10ms);
  MockTask task;
  EXPECT_FALSE(Polled(made.tick()).poll(task));
  Interval moved = std::move(made);
  EXPECT_EQ(task.waker_ref_count(), 1);
  EXPECT_EQ(next(rt, moved), on_time(10ms));
  Interval other = interval(1h);
  other = std::move(moved);
  EXPECT_EQ(other.period(), 10ms);
  EXPECT_EQ(next(rt, other), on_time(20ms));
}

TEST(TM27, ResetsSetWhenTheNextTickComes) {
  PausedRuntime rt;
  Interval made = interval(300ms);
  EXPECT_EQ(next(rt, made), on_time(0ms));
  rt.advance(100ms);
  made.reset();
  EXPECT_EQ(next(rt, made), on_time(400ms));
  made.reset_immediately();
  EXPECT_EQ(next(rt, made), on_time(400ms));
  made.reset_after(5ms);
  EXPECT_EQ(next(rt, made), on_time(405ms));
  made.reset_at(rt.at(2s));
  EXPECT_EQ(next(rt, made), on_time(2s));
  EXPECT_EQ(next(rt, made), on_time(2300ms));
}

TEST(TM27, AResetIntoThePastIsALateTick) {
  PausedRuntime rt;
  Interval made = interval(300ms);
  made.missed_tick_behavior(MissedTickBehavior::kSkip);
  rt.advance(1s);
  made.reset_at(rt.at(50ms));
  EXPECT_EQ(next(rt, made), (Ticked{50ms, 1s}));
  EXPECT_EQ(next(rt, made), on_time(1250ms));
}

TEST(TM27, AResetReachesWhoeverWaits) {
  PausedRuntime rt;
  Interval made = interval_at(rt.at(1h), 1h);
  MockTask task;
  Polled tick(made.tick());
  EXPECT_FALSE(tick.poll(task));
  made.reset_after(10ms);
  rt.advance(10ms);
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(tick.poll(task));
  EXPECT_EQ(tick.take(), rt.at(10ms));
}

TEST(TM27, TellsItsSettings) {
  PausedRuntime rt;
  Interval made = interval(300ms);
  EXPECT_EQ(made.period(), 300ms);
  made.missed_tick_behavior(MissedTickBehavior::kDelay);
  EXPECT_EQ(made.missed_tick_behavior(), MissedTickBehavior::kDelay);
}

TEST(TM28, BurstCatchesUp) {
  PausedRuntime rt;
  Interval made = late_at_950(rt, MissedTickBehavior::kBurst);
  EXPECT_EQ(next(rt, made), (Ticked{600ms, 950ms}));
  EXPECT_EQ(next(rt, made), (Ticked{900ms, 950ms}));
  EXPECT_EQ(next(rt, made), on_time(1200ms));
}

TEST(TM28, DelayCountsFromTheLateOne) {
  PausedRuntime rt;
  Interval made = interval(300ms);
  made.missed_tick_behavior(MissedTickBehavior::kDelay);
  EXPECT_EQ(next(rt, made), on_time(0ms));
  EXPECT_EQ(next(rt, made), on_time(300ms));
  rt.advance(651ms);
  EXPECT_EQ(next(rt, made), (Ticked{600ms, 951ms}));
  EXPECT_EQ(next(rt, made), on_time(1251ms));
  EXPECT_EQ(next(rt, made), on_time(1551ms));
}

TEST(TM28, SkipStaysOnTheSchedule) {
  PausedRuntime rt;
  Interval made = late_at_950(rt, MissedTickBehavior::kSkip);
  EXPECT_EQ(next(rt, made), on_time(1200ms));
  EXPECT_EQ(next(rt, made), on_time(1500ms));
}

TEST(TM28, ResetAt401) {
  PausedRuntime rt;
  Interval made = at_401(rt);
  made.reset();
  EXPECT_EQ(next(rt, made), on_time(701ms));
}

TEST(TM28, ResetAfterTwentyAt401) {
  PausedRuntime rt;
  Interval made = at_401(rt);
  made.reset_after(20ms);
  EXPECT_EQ(next(rt, made), on_time(421ms));
  EXPECT_EQ(next(rt, made), on_time(721ms));
}

TEST(TM28, ResetToAThousandLaterAt401) {
  PausedRuntime rt;
  Interval made = at_401(rt);
  made.reset_at(Clock::now() + 1000ms);
  EXPECT_EQ(next(rt, made), on_time(1401ms));
  EXPECT_EQ(next(rt, made), on_time(1701ms));
}

TEST(TM59, TheLongestPeriodDoesNotOverflow) {
  PausedRuntime rt;
  Interval made = interval(nanoseconds::max());
  EXPECT_TRUE(is_ready(made));
  EXPECT_FALSE(is_ready(made));
}

TEST(TM59, AReadyTickLeavesNoWakerBehind) {
  PausedRuntime rt;
  Interval made = interval(100ms);
  MockTask task;
  EXPECT_TRUE(Polled(made.tick()).poll(task));
  EXPECT_EQ(task.waker_ref_count(), 1);
  EXPECT_FALSE(Polled(made.tick()).poll(task));
  EXPECT_EQ(task.waker_ref_count(), 2);
}

TEST(TM19, ATickOfARuntimeThatEndedThrows) {
  std::optional<PausedRuntime> ended(std::in_place);
  MockTask task;
  Interval made = interval_at(ended->at(10ms), 10ms);
  Polled tick(made.tick());
  EXPECT_FALSE(tick.poll(task));
  ended.reset();
  ASSERT_TRUE(tick.poll(task));
  EXPECT_THROW(static_cast<void>(tick.take()), RuntimeGone);
}

}  // namespace
}  // namespace weft::time
