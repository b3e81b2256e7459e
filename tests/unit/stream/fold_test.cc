#include <weft/stream/fold.h>

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/unit/stream/stream_support.h>
#include <weft/stream/collect.h>
#include <weft/testing/harness.h>

namespace weft {
namespace {

using stream_test::count_to;
using stream_test::items_of;
using stream_test::kWait;
using stream_test::Scripted;
using test::assert_pending;
using test::assert_ready;

template <class A>
auto result_of(A&& awaitable) {
  auto task = test::spawn(std::forward<A>(awaitable));
  return assert_ready(task.poll());
}
template <class C, class S>
auto collect_now(S&& s) {
  return result_of(stream::collect<C>(std::forward<S>(s)));
}
Scripted three() { return Scripted({3, 1, 2}); }

TEST(ST12, AllStopsAtTheItemThatDecides) {
  Scripted s({1, 2, 3, 4});
  EXPECT_FALSE(result_of(stream::all(s, [](int i) { return i < 3; })));
  EXPECT_EQ(items_of(s), std::vector{4});
  EXPECT_TRUE(result_of(stream::all(three(), [](int i) { return i < 4; })));
  EXPECT_TRUE(result_of(stream::all(Scripted({}), [](int) { return false; })));
}

TEST(ST12, AnyStopsAtTheItemThatDecides) {
  Scripted s({1, 2, 3});
  EXPECT_TRUE(result_of(stream::any(s, [](int i) { return i == 2; })));
  EXPECT_EQ(items_of(s), std::vector{3});
  EXPECT_FALSE(result_of(stream::any(three(), [](int i) { return i == 9; })));
  EXPECT_FALSE(result_of(stream::any(Scripted({}), [](int) { return true; })));
}

TEST(ST12, FoldGoesThroughAllItems) {
  const auto glue = [](std::string so_far, int i) { return so_far + std::to_string(i); };
  EXPECT_EQ(result_of(stream::fold(three(), std::string("="), glue)), "=312");
}

TEST(ST12, FoldWaitsWhereTheStreamDoes) {
  auto sum =
      test::spawn(stream::fold(Scripted({1, kWait, 2}), 0, [](int a, int b) { return a + b; }));
  assert_pending(sum.poll());
  EXPECT_EQ(assert_ready(sum.poll()), 3);
}

TEST(ST12, ForEachCallsTheFunction) {
  std::vector<int> seen;
  auto task = test::spawn(stream::for_each(three(), [&](int i) { seen.push_back(i); }));
  assert_ready(task.poll());
  EXPECT_EQ(seen, (std::vector{3, 1, 2}));
}

TEST(ST12, CollectFillsContainersOfManyKinds) {
  EXPECT_EQ(result_of(stream::collect(three())), (std::vector{3, 1, 2}));
  EXPECT_EQ(collect_now<std::deque<int>>(three()), (std::deque{3, 1, 2}));
  EXPECT_EQ(collect_now<std::list<int>>(three()), (std::list{3, 1, 2}));
  EXPECT_EQ(collect_now<std::set<int>>(three()), (std::set{1, 2, 3}));
  EXPECT_EQ(collect_now<std::priority_queue<int>>(three()).top(), 3);
  const auto letter = [](int i) { return static_cast<char>('a' + i); };
  EXPECT_EQ(collect_now<std::string>(stream::map(three(), letter)), "dbc");
  const auto word = [](int i) { return std::to_string(10 * i); };
  EXPECT_EQ(collect_now<std::string>(stream::map(three(), word)), "301020");
  const auto pair = [](int i) { return std::pair(i, 'x'); };
  EXPECT_EQ((collect_now<std::map<int, char>>(stream::map(three(), pair)).size()), 3u);
}

TEST(ST12, CollectOfNothingWaitsForTheEnd) {
  Scripted s({1, 2});
  auto task = test::spawn(stream::collect<void>(s));
  assert_ready(task.poll());
  EXPECT_TRUE(s.account()->has_ended);
}

TEST(ST12, CollectOfResultsStopsAtTheFirstErrorAndDropsWhatItHad) {
  const auto alive = std::make_shared<int>(0);
  Scripted inner({1, 2, 3, 4});
  auto results = stream::map(inner, [&](int i) {
    using R = Result<std::shared_ptr<int>>;
    return i == 3 ? R(Err(Errc::closed)) : R(alive);
  });
  using Collected = Result<std::vector<std::shared_ptr<int>>>;
  auto task = test::spawn(stream::collect<Collected>(results));
  EXPECT_EQ(test::assert_ready_err(task.poll()), Errc::closed);
  EXPECT_EQ(alive.use_count(), 1);
  EXPECT_EQ(items_of(inner), std::vector{4});
}

TEST(ST12, CollectOfResultsWithoutAnErrorIsTheContainer) {
  const auto good = [](int i) { return Result<int>(i); };
  EXPECT_EQ(*collect_now<Result<std::vector<int>>>(stream::map(three(), good)),
            (std::vector{3, 1, 2}));
  const auto nothing = [](int) { return Result<void>(); };
  EXPECT_TRUE(collect_now<Result<void>>(stream::map(three(), nothing)).has_value());
}

TEST(ST12, CollectHasRoomForTheLowerBound) {
  const auto got = result_of(stream::collect(stream::iter(std::vector<int>(1000))));
  EXPECT_EQ(got.capacity(), 1000u);
}

TEST(ST12, WhatAFunctionThrowsComesOut) {
  auto task = test::spawn(stream::for_each(three(), [](int) { throw std::runtime_error("no"); }));
  EXPECT_THROW(static_cast<void>(task.poll()), std::runtime_error);
}

TEST(ST13, WhatWasCollectedIsLostWhenTheAwaitableIsDestroyed) {
  Scripted s({1, 2, kWait, 3});
  {
    auto task = test::spawn(stream::collect(s));
    assert_pending(task.poll());
  }
  EXPECT_EQ(items_of(s), std::vector{3});
}

TEST(ST13, WhatWasFoldedIsLostWhenTheAwaitableIsDestroyed) {
  Scripted s({1, kWait, 3});
  const auto sum = [](int a, int b) { return a + b; };
  {
    auto task = test::spawn(stream::fold(s, 0, sum));
    assert_pending(task.poll());
  }
  EXPECT_EQ(result_of(stream::fold(s, 0, sum)), 3);
}

}  // namespace
}  // namespace weft
