#include <weft/stream/transform.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/probe.h>
#include <tests/unit/stream/stream_support.h>
#include <weft/testing/harness.h>

namespace weft {
namespace {

using stream_test::count_to;
using stream_test::items_of;
using stream_test::kWait;
using stream_test::Plain;
using stream_test::Scripted;
using stream_test::Value;
using test::assert_pending;
using test::assert_ready_eq;
using test_support::Probe;

TEST(ST8, MapAppliesTheFunction) {
  EXPECT_EQ(items_of(stream::map(Scripted({1, 2}), [](int i) { return std::to_string(i); })),
            (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(items_of(stream::map(Plain(2), [](int i) { return -i; })), (std::vector{-1, -2}));
}

TEST(ST8, MapTakesItemsThatCanOnlyBeMoved) {
  auto pointers = stream::map(Scripted({1}), [](int i) { return std::make_unique<int>(i); }) |
                  stream::map([](std::unique_ptr<int> p) { return *p; });
  EXPECT_EQ(items_of(std::move(pointers)), std::vector{1});
}

TEST(ST8, FilterKeepsWhatThePredicateLikes) {
  EXPECT_EQ(
      items_of(stream::filter(Scripted({1, 2, 3, 4}), [](const int& i) { return i % 2 == 0; })),
      (std::vector{2, 4}));
}

TEST(ST8, FilterMapKeepsWhatIsNotEmpty) {
  const auto half = [](int i) { return i % 2 == 0 ? Value(i / 2) : Value(); };
  EXPECT_EQ(items_of(stream::filter_map(Scripted({1, 2, 3, 4}), half)), (std::vector{1, 2}));
}

TEST(ST8, FilterIsPendingWhereTheStreamIs) {
  auto s = test::spawn(stream::filter(Scripted({1, kWait, 2}), [](int i) { return i == 2; }));
  assert_pending(s.poll_next());
  assert_ready_eq(s.poll_next(), Value(2));
}

TEST(ST8, ThenHasOneItemInFlightAndKeepsTheOrder) {
  std::vector<std::unique_ptr<Probe<int>>> probes;
  for (int i = 0; i < 2; ++i) probes.push_back(std::make_unique<Probe<int>>());
  int calls = 0;
  auto s = test::spawn(stream::then(Scripted({0, 1}), [&](int i) {
    ++calls;
    return probes[static_cast<std::size_t>(i)]->wait();
  }));
  probes[1]->complete(11);
  assert_pending(s.poll_next());
  EXPECT_EQ(calls, 1);
  probes[0]->complete(10);
  EXPECT_TRUE(s.is_woken());
  assert_ready_eq(s.poll_next(), Value(10));
  assert_ready_eq(s.poll_next(), Value(11));
  assert_ready_eq(s.poll_next(), Value());
}

TEST(ST8, TheFunctionOfThenGoesOnAfterANextWasDestroyed) {
  Probe<int> probe;
  int steps = 0;
  const auto work = [](Probe<int>& until, int& count, int i) -> Task<int> {
    ++count;
    const int got = co_await until.wait();
    co_return got + i;
  };
  auto s = test::spawn(stream::then(Scripted({1}), [&](int i) { return work(probe, steps, i); }));
  assert_pending(s.poll_next());
  s.cancel_next();
  EXPECT_EQ(probe.alive(), 1);
  probe.complete(10);
  assert_ready_eq(s.poll_next(), Value(11));
  EXPECT_EQ(steps, 1);
}

TEST(ST8, DestroyingThenDestroysWhatIsInFlight) {
  Probe<int> probe;
  {
    auto s = test::spawn(stream::then(count_to(1), [&](int) { return probe.wait(); }));
    assert_pending(s.poll_next());
    EXPECT_EQ(probe.alive(), 1);
  }
  EXPECT_EQ(probe.alive(), 0);
}

TEST(ST8, WhatTheFunctionOfThenThrowsComesOutAndTheNextItemFollows) {
  auto s = test::spawn(stream::then(Scripted({1, 2}), [](int i) -> Task<int> {
    if (i == 1) throw std::runtime_error("one");
    co_return i;
  }));
  EXPECT_THROW(static_cast<void>(s.poll_next()), std::runtime_error);
  assert_ready_eq(s.poll_next(), Value(2));
}

TEST(ST50, EnumerateNumbersTheItems) {
  const auto got = items_of(stream::enumerate(Scripted({7, 8})));
  EXPECT_EQ(got, (std::vector<std::pair<std::size_t, int>>{{0, 7}, {1, 8}}));
}

TEST(ST50, ZipPairsTheItemsAndEndsWithTheShorterOne) {
  const auto got = items_of(stream::zip(Scripted({1, 2, 3}), Scripted({10, 20})));
  EXPECT_EQ(got, (std::vector<std::pair<int, int>>{{1, 10}, {2, 20}}));
}

TEST(ST50, ZipKeepsAnItemUntilTheOtherOneIsThere) {
  auto s = test::spawn(stream::zip(Scripted({1, 2}), Scripted({kWait, kWait, 10})));
  assert_pending(s.poll_next());
  s.cancel_next();
  assert_pending(s.poll_next());
  EXPECT_EQ(test::assert_ready(s.poll_next()), std::optional(std::pair(1, 10)));
  EXPECT_FALSE(test::assert_ready(s.poll_next()).has_value());
  EXPECT_FALSE(test::assert_ready(s.poll_next()).has_value());
}

}  // namespace
}  // namespace weft
