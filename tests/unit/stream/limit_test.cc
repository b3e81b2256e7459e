#include <weft/stream/limit.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/unit/stream/stream_support.h>
#include <weft/testing/harness.h>

namespace weft {
namespace {

using stream_test::items_of;
using stream_test::kWait;
using stream_test::Scripted;
using stream_test::Value;
using test::assert_pending;
using test::assert_ready_eq;

const auto is_small = [](const int& i) { return i < 3; };

TEST(ST9, TakeOfNoneNeverPolls) {
  Scripted inner({1});
  const auto account = inner.account();
  EXPECT_EQ(items_of(stream::take(std::move(inner), 0)), std::vector<int>());
  EXPECT_EQ(account->polls, 0);
}

TEST(ST9, TakeEndsWithoutPollingAgain) {
  Scripted inner({1, 2, 3});
  const auto account = inner.account();
  auto s = stream::take(std::move(inner), 2);
  EXPECT_EQ(items_of(s), (std::vector{1, 2}));
  EXPECT_EQ(account->polls, 2);
  EXPECT_EQ(items_of(s), std::vector<int>());
  EXPECT_EQ(account->polls, 2);
}

TEST(ST9, TakeEndsWithItsStream) {
  auto s = stream::take(Scripted({1}), 2);
  EXPECT_EQ(items_of(s), std::vector{1});
  EXPECT_EQ(items_of(s), std::vector<int>());
}

TEST(ST9, TakeWhileEndsForEverAtTheFirstRefusal) {
  Scripted inner({1, 3, 2});
  auto s = stream::take_while(inner, is_small);
  EXPECT_EQ(items_of(s), std::vector{1});
  EXPECT_EQ(items_of(s), std::vector<int>());
  EXPECT_TRUE(s.is_terminated());
  EXPECT_EQ(items_of(inner), std::vector{2});  // the 3 is lost
}

TEST(ST9, MapWhileEndsForEverAtTheFirstRefusal) {
  Scripted inner({1, 3, 2});
  auto s = stream::map_while(inner, [](int i) { return i < 3 ? std::optional(10 * i) : Value(); });
  EXPECT_EQ(items_of(s), std::vector{10});
  EXPECT_EQ(items_of(s), std::vector<int>());
  EXPECT_EQ(items_of(inner), std::vector{2});
}

TEST(ST9, SkipDropsTheFirstItems) {
  auto s = test::spawn(stream::skip(Scripted({1, kWait, 2, 3}), 2));
  assert_pending(s.poll_next());
  assert_ready_eq(s.poll_next(), Value(3));
  assert_ready_eq(s.poll_next(), Value());
}

TEST(ST9, SkipWhileDropsItsPredicateAfterTheFirstFalse) {
  const auto kept = std::make_shared<int>(0);
  auto s = test::spawn(stream::skip_while(Scripted({1, 3, 1}), [kept](const int& i) {
    ++*kept;
    return i < 3;
  }));
  EXPECT_EQ(kept.use_count(), 2);
  assert_ready_eq(s.poll_next(), Value(3));
  EXPECT_EQ(kept.use_count(), 1);
  assert_ready_eq(s.poll_next(), Value(1));
  EXPECT_EQ(*kept, 2);
}

}  // namespace
}  // namespace weft
