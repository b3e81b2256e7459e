#include <weft/stream/combine.h>

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
using test::assert_ready;
using test::assert_ready_eq;

TEST(ST10, ChainIsAllOfTheFirstThenTheSecond) {
  EXPECT_EQ(items_of(stream::chain(Scripted({1, 2}), Scripted({3}))), (std::vector{1, 2, 3}));
}

TEST(ST10, ChainDoesNotPollTheSecondBeforeTheFirstHasEnded) {
  Scripted second({2});
  const auto account = second.account();
  auto s = test::spawn(stream::chain(Scripted({1, kWait}), std::move(second)));
  assert_ready_eq(s.poll_next(), Value(1));
  assert_pending(s.poll_next());
  EXPECT_EQ(account->polls, 0);
  assert_ready_eq(s.poll_next(), Value(2));
}

TEST(ST10, PeekLooksAtTheItemThatNextYields) {
  auto s = stream::peekable(Scripted({1, 2}));
  {
    auto peek = test::spawn(s.peek());
    const int* const item = assert_ready(peek.poll());
    EXPECT_EQ(*item, 1);
    EXPECT_EQ(s.size_hint(), stream::internal::exactly(2));
  }
  auto again = test::spawn(s.peek());
  EXPECT_EQ(*assert_ready(again.poll()), 1);
  EXPECT_EQ(items_of(s), (std::vector{1, 2}));
}

TEST(ST10, PeekMutChangesIt) {
  auto s = stream::peekable(Scripted({1}));
  {
    auto peek = test::spawn(s.peek_mut());
    *assert_ready(peek.poll()) = 9;
  }
  EXPECT_EQ(items_of(s), std::vector{9});
}

TEST(ST10, PeekAtTheEndIsNull) {
  auto s = stream::peekable(Scripted({}));
  auto peek = test::spawn(s.peek());
  EXPECT_EQ(assert_ready(peek.poll()), nullptr);
}

TEST(ST10, APeekThatIsDestroyedLosesNothing) {
  auto s = stream::peekable(Scripted({kWait, 1}));
  {
    auto peek = test::spawn(s.peek());
    assert_pending(peek.poll());
  }
  {
    auto peek = test::spawn(s.peek());
    static_cast<void>(peek.poll());
  }
  EXPECT_EQ(items_of(s), std::vector{1});
}

TEST(ST11, MergeAlternatesBeginningWithTheFirst) {
  EXPECT_EQ(items_of(stream::merge(Scripted({1, 2, 3}), Scripted({10, 20, 30}))),
            (std::vector{1, 10, 2, 20, 3, 30}));
}

TEST(ST11, MergeAlternatesAtPollsThatArePendingToo) {
  auto s = test::spawn(stream::merge(Scripted({kWait, 1}), Scripted({kWait, 10})));
  assert_pending(s.poll_next());
  assert_ready_eq(s.poll_next(), Value(10));
  assert_ready_eq(s.poll_next(), Value(1));
}

TEST(ST11, MergeEndsWhenBothHave) {
  auto s = stream::merge(Scripted({1}), Scripted({10, 20}));
  EXPECT_EQ(items_of(s), (std::vector{1, 10, 20}));
  EXPECT_TRUE(s.is_terminated());
}

TEST(ST11, MergeYieldsWhatOneHasWhileTheOtherWaits) {
  auto s = test::spawn(stream::merge(Scripted({kWait, kWait}), Scripted({10})));
  assert_ready_eq(s.poll_next(), Value(10));
  assert_pending(s.poll_next());
  assert_ready_eq(s.poll_next(), Value());
}

}  // namespace
}  // namespace weft
