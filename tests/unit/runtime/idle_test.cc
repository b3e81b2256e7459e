// Who sleeps, who searches, and how often the injection queue is looked at.

#include <weft/runtime/scheduler/idle.h>

#include <chrono>
#include <optional>

#include <gtest/gtest.h>
#include <weft/runtime/scheduler/interval_tuner.h>

namespace weft::internal {
namespace {

using namespace std::chrono_literals;

TEST(R73, SlowTasksLowerTheIntervalAndFastOnesRaiseIt) {
  IntervalTuner tuner(std::nullopt);
  EXPECT_EQ(tuner.interval(), 61U);
  for (int i = 0; i < 20; ++i) tuner.record(61 * 100us, 61);
  EXPECT_EQ(tuner.interval(), 2U) << "two tasks are 200 us";
  for (int i = 0; i < 20; ++i) tuner.record(61 * 10us, 61);
  EXPECT_GE(tuner.interval(), 18U);
  EXPECT_LE(tuner.interval(), 20U);
  for (int i = 0; i < 20; ++i) tuner.record(61 * 100ns, 61);
  EXPECT_EQ(tuner.interval(), 127U);
}

TEST(R73, SmallChangesAreNotAdopted) {
  IntervalTuner tuner(std::nullopt);
  for (int i = 0; i < 20; ++i) tuner.record(61 * std::chrono::nanoseconds(200'000 / 63), 61);
  EXPECT_EQ(tuner.interval(), 61U);
  for (int i = 0; i < 20; ++i) tuner.record(61 * 2500ns, 61);
  EXPECT_GE(tuner.interval(), 78U);
}

TEST(R73, FixedIntervalIsNeverTuned) {
  IntervalTuner tuner(5);
  for (int i = 0; i < 20; ++i) tuner.record(61 * 100ns, 61);
  EXPECT_EQ(tuner.interval(), 5U);
}

TEST(R74, AtMostHalfOfTheWorkersSearch) {
  Idle idle(4);
  EXPECT_TRUE(idle.try_start_search());
  EXPECT_TRUE(idle.try_start_search());
  EXPECT_FALSE(idle.try_start_search());
  EXPECT_FALSE(idle.stop_search());
  EXPECT_TRUE(idle.try_start_search());
}

TEST(R75, AllBeginAwakeAndTheLastToSleepIsWokenFirst) {
  Idle idle(3);
  EXPECT_EQ(idle.sleeping(), 0U);
  EXPECT_EQ(idle.searching(), 0U);
  for (const unsigned worker : {0U, 2U, 1U}) idle.go_to_sleep(worker, false);
  EXPECT_EQ(idle.sleeping(), 3U);
  for (const unsigned expected : {1U, 2U, 0U}) {
    EXPECT_EQ(idle.claim_sleeper(), std::optional<unsigned>(expected));
    EXPECT_TRUE(idle.stop_search());
  }
  EXPECT_EQ(idle.sleeping(), 0U);
}

TEST(R76, OneIsWokenIfOneSleepsAndNobodySearches) {
  Idle idle(4);
  EXPECT_FALSE(idle.should_notify());
  EXPECT_EQ(idle.claim_sleeper(), std::nullopt);
  idle.go_to_sleep(0, false);
  EXPECT_TRUE(idle.should_notify());
  ASSERT_TRUE(idle.try_start_search());
  EXPECT_FALSE(idle.should_notify());
  EXPECT_EQ(idle.claim_sleeper(), std::nullopt);
  EXPECT_TRUE(idle.stop_search());
  EXPECT_EQ(idle.claim_sleeper(), std::optional<unsigned>(0));
  EXPECT_EQ(idle.searching(), 1U) << "the woken one searches";
  EXPECT_EQ(idle.sleeping(), 0U);
}

TEST(R78, WorkerThatWakesByItselfIsNoSearcherAndAClaimedOneIs) {
  Idle idle(2);
  idle.go_to_sleep(0, false);
  EXPECT_TRUE(idle.is_sleeping(0));
  EXPECT_TRUE(idle.wake_up(0, false));
  EXPECT_EQ(idle.searching(), 0U);
  EXPECT_EQ(idle.sleeping(), 0U);
  idle.go_to_sleep(0, false);
  ASSERT_TRUE(idle.claim_sleeper().has_value());
  EXPECT_FALSE(idle.is_sleeping(0));
  EXPECT_FALSE(idle.wake_up(0, false)) << "claimed: it has to search";
  EXPECT_EQ(idle.searching(), 1U);
}

TEST(R79, OnlyTheLastSearcherIsToWakeAnother) {
  Idle idle(8);
  ASSERT_TRUE(idle.try_start_search());
  ASSERT_TRUE(idle.try_start_search());
  EXPECT_FALSE(idle.stop_search());
  EXPECT_TRUE(idle.stop_search());
}

TEST(R79, SearcherThatGoesToSleepStopsSearching) {
  Idle idle(4);
  ASSERT_TRUE(idle.try_start_search());
  idle.go_to_sleep(3, true);
  EXPECT_EQ(idle.searching(), 0U);
  EXPECT_TRUE(idle.should_notify());
}

TEST(R83, WhileSomebodySearchesFurtherSpawnsWakeNobody) {
  Idle idle(8);
  for (unsigned worker = 0; worker < 4; ++worker) idle.go_to_sleep(worker, false);
  EXPECT_TRUE(idle.claim_sleeper().has_value());
  for (int spawn = 0; spawn < 100; ++spawn) {
    EXPECT_FALSE(idle.should_notify());
    EXPECT_EQ(idle.claim_sleeper(), std::nullopt);
  }
  EXPECT_EQ(idle.sleeping(), 3U);
}

}  // namespace
}  // namespace weft::internal
