#include <weft/stream/sources.h>

#include <array>
#include <list>
#include <memory>
#include <optional>
#include <ranges>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/probe.h>
#include <tests/unit/stream/stream_support.h>
#include <weft/runtime/coop.h>
#include <weft/testing/harness.h>

namespace weft {
namespace {

using stream_test::items_of;
using stream_test::Value;
using test::assert_pending;
using test::assert_ready_eq;

// How many items come before the budget of one resume is used up.
template <class S>
int items_of_one_resume(S& stream) {
  Budget budget = Budget::initial();
  Context cx(Waker::noop(), budget);
  int count = 0;
  while (stream.poll_next(cx).is_ready()) ++count;
  return count;
}

TEST(ST6, EmptyEndsAtOnceAndStaysThere) {
  auto s = test::spawn(stream::empty<int>());
  assert_ready_eq(s.poll_next(), Value());
  assert_ready_eq(s.poll_next(), Value());
}

TEST(ST6, OnceYieldsItsItem) {
  auto s = test::spawn(stream::once(7));
  assert_ready_eq(s.poll_next(), Value(7));
  assert_ready_eq(s.poll_next(), Value());
  assert_ready_eq(s.poll_next(), Value());
}

TEST(ST6, PendingNeverEnds) {
  auto s = test::spawn(stream::pending<int>());
  assert_pending(s.poll_next());
  assert_pending(s.poll_next());
}

TEST(ST6, IterYieldsTheElements) {
  std::vector<int> lvalue{1, 2, 3};
  EXPECT_EQ(items_of(stream::iter(lvalue)), lvalue);
  EXPECT_EQ(lvalue.size(), 3u);
  EXPECT_EQ(items_of(stream::iter(std::list{1, 2})), (std::vector{1, 2}));
  EXPECT_EQ(items_of(stream::iter(std::views::iota(1, 4))), (std::vector{1, 2, 3}));
  std::istringstream words("4 5 6");
  EXPECT_EQ(items_of(stream::iter(std::views::istream<int>(words))), (std::vector{4, 5, 6}));
}

TEST(ST6, IterGivesTheElementsOfAnRvalueAway) {
  std::vector<std::unique_ptr<int>> pointers;
  pointers.push_back(std::make_unique<int>(1));
  const std::vector<std::unique_ptr<int>> got = items_of(stream::iter(std::move(pointers)));
  EXPECT_EQ(*got.at(0), 1);
}

TEST(ST6, IterMayBeMovedInTheMiddle) {
  auto array = stream::iter(std::array<std::string, 2>{"a string that is long", "b"});
  auto list = stream::iter(std::list<std::string>{"a", "b"});
  Context cx(Waker::noop());
  EXPECT_EQ(**array.poll_next(cx), "a string that is long");
  EXPECT_EQ(**list.poll_next(cx), "a");
  auto moved_array = std::move(array);
  auto moved_list = std::move(list);
  EXPECT_EQ(items_of(moved_array), std::vector<std::string>{"b"});
  EXPECT_EQ(items_of(moved_list), std::vector<std::string>{"b"});
}

TEST(ST6, IterTakesAUnitOfBudgetForEachItem) {
  auto endless = stream::iter(std::views::iota(0));
  EXPECT_EQ(items_of_one_resume(endless), Budget::kUnits);
}

TEST(ST7, NotifyCloseYieldsAMarkerBeforeTheEnd) {
  auto s = test::spawn(stream::notify_close(stream_test::Scripted({1})));
  EXPECT_EQ(test::assert_ready(s.poll_next()).value(), Value(1));
  EXPECT_EQ(test::assert_ready(s.poll_next()).value(), Value());
  EXPECT_FALSE(test::assert_ready(s.poll_next()).has_value());
  EXPECT_FALSE(test::assert_ready(s.poll_next()).has_value());
}

Task<std::optional<std::pair<int, int>>> count_down(int n) {
  if (n == 0) co_return std::nullopt;
  co_return std::pair(n, n - 1);
}

TEST(ST49, UnfoldCallsTheFunctionWithTheStateForEachItem) {
  auto s = stream::unfold(3, count_down);
  EXPECT_EQ(items_of(s), (std::vector{3, 2, 1}));
  EXPECT_TRUE(s.is_terminated());
  EXPECT_EQ(items_of(s), std::vector<int>());
}

TEST(ST49, TheStepStaysWhenNextIsDestroyed) {
  test_support::Probe<std::optional<std::pair<int, int>>> probe;
  int calls = 0;
  auto s = test::spawn(stream::unfold(1, [&](int) {
    ++calls;
    return probe.wait();
  }));
  assert_pending(s.poll_next());
  s.cancel_next();
  EXPECT_EQ(probe.alive(), 1);
  probe.complete(std::pair(5, 6));
  assert_ready_eq(s.poll_next(), Value(5));
  EXPECT_EQ(calls, 1);
}

TEST(ST49, WhatTheFunctionThrowsEndsIt) {
  auto s = test::spawn(stream::unfold(1, [](int) -> Task<std::optional<std::pair<int, int>>> {
    throw std::runtime_error("no");
    co_return std::nullopt;
  }));
  EXPECT_THROW(static_cast<void>(s.poll_next()), std::runtime_error);
  assert_ready_eq(s.poll_next(), Value());
}

}  // namespace
}  // namespace weft
