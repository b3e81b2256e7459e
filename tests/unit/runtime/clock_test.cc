#include <weft/runtime/driver/clock.h>

#include <chrono>
#include <source_location>

#include <gtest/gtest.h>

namespace weft::internal {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

// Where a misused clock complains. EXPECT_DEATH looks for this file's name.
std::source_location here(std::source_location where = std::source_location::current()) {
  return where;
}

TEST(TM3, OverflowIsThirtyYearsFromNow) {
  const SteadyTime now = SteadyTime(5s);
  EXPECT_EQ(saturating_after(now, nanoseconds::max()), now + std::chrono::hours(30 * 365 * 24));
  EXPECT_EQ(saturating_after(now, nanoseconds::max() - 5s), SteadyTime::max());
  EXPECT_EQ(saturating_after(now, 7ns), now + 7ns);
}

TEST(TM3, NegativeDurationsAreZero) {
  const SteadyTime now = SteadyTime(5s);
  EXPECT_EQ(saturating_after(now, -1ns), now);
  EXPECT_EQ(saturating_after(now, nanoseconds::min()), now);
}

TEST(TM4, ARunningClockIsTheSteadyClock) {
  const Clock paused(true, true);  // so that clocks are read under their mutex from here on
  const Clock clock(true, false);
  const SteadyTime before = std::chrono::steady_clock::now();
  const SteadyTime now = clock.now();
  EXPECT_LE(before, now);
  EXPECT_LE(now, std::chrono::steady_clock::now());
}

TEST(TM4, AResumedClockGoesOnFromItsBase) {
  Clock clock(true, true);
  const SteadyTime frozen = clock.now();
  clock.advance(1h, here());
  const SteadyTime resumed_after = std::chrono::steady_clock::now();
  clock.resume(here());
  const SteadyTime now = clock.now();
  EXPECT_GE(now, frozen + 1h);
  EXPECT_LE(now - (frozen + 1h), std::chrono::steady_clock::now() - resumed_after);
}

TEST(TM5, APausedClockStandsStill) {
  Clock clock(true, false);
  clock.pause(here());
  const SteadyTime now = clock.now();
  EXPECT_GE(std::chrono::steady_clock::now(), now);
  EXPECT_EQ(clock.now(), now);
}

TEST(TM5, OnlyAClockThatMayBePausedCanBe) {
  Clock clock(false, false);
  EXPECT_DEATH(clock.pause(here()), "clock_test.*time::pause: this runtime has several threads");
}

TEST(TM5, AdvancingMovesExactly) {
  Clock clock(true, true);
  const SteadyTime now = clock.now();
  clock.advance(51'592us, here());
  clock.advance(1ns, here());
  EXPECT_EQ(clock.now(), now + 51'592'001ns);
  clock.advance(-1s, here());
  EXPECT_EQ(clock.now(), now + 51'592'001ns);
}

TEST(TM5, AdvancingTooFarIsFatal) {
  Clock clock(true, true);
  EXPECT_DEATH(clock.advance(nanoseconds::max(), here()), "clock_test.*time::advance: .*that far");
}

TEST(TM5, AdvancingARunningClockIsFatal) {
  Clock clock(true, false);
  EXPECT_DEATH(clock.advance(1s, here()), "clock_test.*time::advance: the clock is not paused");
}

TEST(TM5, PausingTwiceIsFatal) {
  Clock clock(true, true);
  EXPECT_DEATH(clock.pause(here()), "clock_test.*time::pause: the clock is paused already");
}

TEST(TM5, ResumingARunningClockIsFatal) {
  Clock clock(true, false);
  EXPECT_DEATH(clock.resume(here()), "clock_test.*time::resume: the clock is not paused");
}

TEST(TM6, StartPausedBuildsPaused) {
  EXPECT_TRUE(Clock(true, true).is_paused());
  EXPECT_TRUE(Clock(false, true).is_paused());
  EXPECT_FALSE(Clock(true, false).is_paused());
}

TEST(TM6, PausingAgainAfterResumingWorks) {
  Clock clock(true, true);
  clock.resume(here());
  EXPECT_FALSE(clock.is_paused());
  clock.pause(here());
  EXPECT_TRUE(clock.is_paused());
  const SteadyTime now = clock.now();
  clock.advance(250us, here());
  EXPECT_EQ(clock.now(), now + 250us);
}

TEST(TM7, APausedClockAdvancesByExactlyWhatTheDriverWouldHaveSlept) {
  Clock clock(true, true);
  const SteadyTime now = clock.now();
  EXPECT_EQ(clock.how_to_wait(), Clock::Wait::kAdvance);
  clock.auto_advance(1'234'567ns);
  EXPECT_EQ(clock.now(), now + 1'234'567ns);
}

TEST(TM7, ARunningClockDoesNot) {
  Clock clock(true, false);
  EXPECT_EQ(clock.how_to_wait(), Clock::Wait::kSleep);
  clock.auto_advance(1h);
  EXPECT_LT(clock.now() - std::chrono::steady_clock::now(), 1min);
}

TEST(TM7, AClockThatMayNotBePausedNeverAdvances) {
  EXPECT_EQ(Clock(false, false).how_to_wait(), Clock::Wait::kSleep);
}

TEST(TM8, AnUnparkKeepsTheClockFromAdvancingOnce) {
  Clock clock(true, true);
  const SteadyTime now = clock.now();
  clock.note_unpark();
  clock.auto_advance(1s);
  EXPECT_EQ(clock.now(), now);
  clock.auto_advance(1s);
  EXPECT_EQ(clock.now(), now + 1s);
}

TEST(TM9, ABlockingJobHoldsTheClock) {
  Clock clock(true, true);
  const SteadyTime now = clock.now();
  clock.inhibit_auto_advance();
  clock.inhibit_auto_advance();
  EXPECT_EQ(clock.how_to_wait(), Clock::Wait::kFrozen);
  clock.auto_advance(1s);
  clock.allow_auto_advance();
  EXPECT_EQ(clock.how_to_wait(), Clock::Wait::kFrozen);
  clock.auto_advance(1s);
  EXPECT_EQ(clock.now(), now);
}

TEST(R127, JobsOfARuntimeThatCannotPauseDoNotCount) {
  Clock clock(false, false);
  clock.inhibit_auto_advance();
  EXPECT_EQ(clock.how_to_wait(), Clock::Wait::kSleep);
  clock.allow_auto_advance();
}

}  // namespace
}  // namespace weft::internal
