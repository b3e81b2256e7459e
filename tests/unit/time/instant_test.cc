#include <weft/time/instant.h>

#include <chrono>
#include <optional>

#include <gtest/gtest.h>

#include <tests/support/paused_runtime.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/runtime.h>

namespace weft::time {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using test_support::PausedRuntime;

constexpr Instant kEpoch{};

TEST(TM1, ArithmeticIsThatOfChrono) {
  EXPECT_EQ((kEpoch + 3h + 5ns).time_since_epoch(), 3h + 5ns);
  EXPECT_EQ(3h + kEpoch, kEpoch + 3h);
  EXPECT_EQ(kEpoch + 5s - (kEpoch + 2s), 3s);
  EXPECT_EQ(kEpoch + 2s - (kEpoch + 5s), -3s);
}

TEST(TM1, CheckedSumsGiveNoneInstead) {
  EXPECT_EQ(checked_add(kEpoch, 5s), kEpoch + 5s);
  EXPECT_EQ(checked_add(Instant::max(), 1ns), std::nullopt);
  EXPECT_EQ(checked_add(Instant::min(), -1ns), std::nullopt);
  EXPECT_EQ(checked_sub(kEpoch + 5s, 5s), kEpoch);
  EXPECT_EQ(checked_sub(Instant::min(), 1ns), std::nullopt);
  EXPECT_EQ(checked_sub(Instant::max(), -1ns), std::nullopt);
}

TEST(TM1, DurationsSinceAreNeverNegative) {
  EXPECT_EQ(duration_since(kEpoch + 5s, kEpoch + 2s), 3s);
  EXPECT_EQ(duration_since(kEpoch + 2s, kEpoch + 5s), 0s);
  EXPECT_EQ(duration_since(Instant::max(), Instant::min()), nanoseconds::max());
}

TEST(TM1, CheckedDifferencesGiveNoneInstead) {
  EXPECT_EQ(checked_duration_since(kEpoch + 5s, kEpoch + 2s), nanoseconds(3s));
  EXPECT_EQ(checked_duration_since(kEpoch, kEpoch), nanoseconds(0));
  EXPECT_EQ(checked_duration_since(kEpoch + 2s, kEpoch + 5s), std::nullopt);
}

TEST(TM1, ElapsedIsTheTimeSince) {
  PausedRuntime rt;
  const Instant start = Clock::now();
  rt.advance(5s);
  EXPECT_EQ(elapsed(start), 5s);
  EXPECT_EQ(elapsed(start + 1h), 0s);
}

TEST(TM1, InstantsAreTotallyOrdered) {
  EXPECT_LT(kEpoch, kEpoch + 1ns);
  EXPECT_EQ(kEpoch <=> kEpoch, std::strong_ordering::equal);
}

TEST(TM1, ConvertsToTheSteadyClockAndBack) {
  const auto steady = std::chrono::steady_clock::now();
  EXPECT_EQ(Clock::to_steady(Clock::from_steady(steady)), steady);
  EXPECT_EQ(Clock::from_steady(steady).time_since_epoch(), steady.time_since_epoch());
}

TEST(TM2, OutsideARuntimeNowIsTheSteadyClock) {
  {
    const PausedRuntime paused_once;
  }
  const auto before = Clock::from_steady(std::chrono::steady_clock::now());
  const Instant now = Clock::now();
  EXPECT_LE(before, now);
  EXPECT_LE(now, Clock::from_steady(std::chrono::steady_clock::now()));
}

TEST(TM2, InARuntimeItIsThatRuntimesClock) {
  PausedRuntime paused;
  paused.advance(100h);
  const auto steady = std::chrono::steady_clock::now();
  EXPECT_GT(Clock::to_steady(Clock::now()), steady + 99h);
  runtime::Runtime other = test_support::current_thread();
  const auto entered = other.enter();
  const Instant running = Clock::now();
  EXPECT_LE(Clock::to_steady(running), std::chrono::steady_clock::now());
}

}  // namespace
}  // namespace weft::time
