#include <weft/runtime/scheduler/adaptive_spin.h>

#include <chrono>

#include <gtest/gtest.h>

namespace weft::internal {
namespace {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;

// A clock that goes on only when somebody yields.
struct FakeTime {
  std::chrono::steady_clock::time_point now{};
  nanoseconds per_yield = 1us;
  int yields = 0;

  auto clock() {
    return [this] { return now; };
  }
  auto yield() {
    return [this] {
      now += per_yield;
      ++yields;
    };
  }
};

AdaptiveSpin after_waits(int count, nanoseconds length, bool slept) {
  AdaptiveSpin rule;
  for (int i = 0; i < count; ++i) rule.record_wait(length, slept);
  return rule;
}

TEST(R169, SpinsFromTheFourthShortWaitOn) {
  AdaptiveSpin rule;
  for (int hits = 0; hits < 4; ++hits) {
    EXPECT_FALSE(rule.should_spin()) << hits;
    rule.record_wait(10us, false);
  }
  EXPECT_TRUE(rule.should_spin());
}

TEST(R169, ShortIsLessThanASpinOrThirtyFiveMoreIfItSlept) {
  EXPECT_TRUE(after_waits(4, 50us - 1ns, false).should_spin());
  EXPECT_FALSE(after_waits(4, 50us, false).should_spin());
  EXPECT_TRUE(after_waits(4, 85us - 1ns, true).should_spin());
  EXPECT_FALSE(after_waits(4, 85us, true).should_spin());
}

TEST(R169, RemembersEightWaits) {
  AdaptiveSpin rule = after_waits(4, 1us, false);
  for (int i = 0; i < 4; ++i) {
    rule.record_wait(1s, true);
    EXPECT_TRUE(rule.should_spin()) << i;
  }
  // The ninth wait pushes the first hit out.
  rule.record_wait(1s, true);
  EXPECT_FALSE(rule.should_spin());
  // And the tenth the second one, so a new hit makes no fourth.
  rule.record_wait(1us, false);
  EXPECT_FALSE(rule.should_spin());
}

TEST(R169, LookThatTookTooLongForgetsAll) {
  AdaptiveSpin rule = after_waits(8, 1us, false);
  EXPECT_TRUE(rule.record_iteration(20us));
  EXPECT_TRUE(rule.should_spin());
  EXPECT_FALSE(rule.record_iteration(20us + 1ns));
  EXPECT_FALSE(rule.should_spin());
  for (int i = 0; i < 3; ++i) rule.record_wait(1us, false);
  EXPECT_FALSE(rule.should_spin());
  rule.record_wait(1us, false);
  EXPECT_TRUE(rule.should_spin());
}

TEST(R169, WithoutShortWaitsItDoesNotEvenLook) {
  AdaptiveSpin rule;
  FakeTime time;
  int looks = 0;
  const auto ready = [&] {
    ++looks;
    return true;
  };
  EXPECT_FALSE(spin_before_sleep(rule, ready, time.clock(), time.yield()));
  EXPECT_EQ(looks, 0);
  EXPECT_EQ(time.yields, 0);
}

TEST(R169, SpinEndsWhenReady) {
  AdaptiveSpin rule = after_waits(4, 1us, false);
  FakeTime time;
  EXPECT_TRUE(
      spin_before_sleep(rule, [&] { return time.yields == 7; }, time.clock(), time.yield()));
  EXPECT_EQ(time.yields, 7);
}

TEST(R169, SpinEndsAfterFiftyMicroseconds) {
  AdaptiveSpin rule = after_waits(4, 1us, false);
  FakeTime time;
  EXPECT_FALSE(spin_before_sleep(rule, [] { return false; }, time.clock(), time.yield()));
  EXPECT_EQ(time.yields, 50);
  EXPECT_TRUE(rule.should_spin()) << "how the wait went on is for record_wait to say";
}

TEST(R169, ReadyAtTheLastMomentCounts) {
  AdaptiveSpin rule = after_waits(4, 1us, false);
  FakeTime time;
  EXPECT_TRUE(
      spin_before_sleep(rule, [&] { return time.yields >= 50; }, time.clock(), time.yield()));
}

TEST(R169, PreemptedSpinEndsAtOnce) {
  AdaptiveSpin rule = after_waits(8, 1us, false);
  FakeTime time;
  time.per_yield = 21us;
  EXPECT_FALSE(spin_before_sleep(rule, [] { return false; }, time.clock(), time.yield()));
  EXPECT_EQ(time.yields, 1);
  EXPECT_FALSE(rule.should_spin());
}

}  // namespace
}  // namespace weft::internal
