#include <weft/stream/buffered.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/probe.h>
#include <tests/unit/stream/stream_support.h>
#include <weft/runtime/yield_now.h>
#include <weft/testing/block_on.h>
#include <weft/testing/harness.h>

namespace weft {
namespace {

using stream_test::items_of;
using stream_test::Scripted;
using stream_test::Value;
using test::assert_pending;
using test::assert_ready;
using test::assert_ready_eq;
using test_support::Probe;

// Work that is complete when the test says so.
class Work {
 public:
  explicit Work(int count) {
    for (int i = 0; i < count; ++i) probes_.push_back(std::make_unique<Probe<int>>());
  }
  Probe<int>& operator[](int i) { return *probes_.at(static_cast<std::size_t>(i)); }
  // A stream of the awaitables of all.
  auto stream() {
    std::vector<int> numbers;
    for (std::size_t i = 0; i < probes_.size(); ++i) numbers.push_back(static_cast<int>(i));
    return stream::map(stream::iter(std::move(numbers)),
                       [this](int i) { return (*this)[i].wait(); });
  }
  int alive() const {
    int count = 0;
    for (const auto& probe : probes_) count += probe->alive();
    return count;
  }

 private:
  std::vector<std::unique_ptr<Probe<int>>> probes_;
};

TEST(ST44, ResultsComeAsTheyComplete) {
  Work work(3);
  auto s = test::spawn(stream::buffer_unordered(work.stream(), 3));
  assert_pending(s.poll_next());
  work[2].complete(2);
  EXPECT_TRUE(s.is_woken());
  assert_ready_eq(s.poll_next(), Value(2));
  work[0].complete(0);
  work[1].complete(1);
  assert_ready_eq(s.poll_next(), Value(0));
  assert_ready_eq(s.poll_next(), Value(1));
  assert_ready_eq(s.poll_next(), Value());
  assert_ready_eq(s.poll_next(), Value());
}

TEST(ST44, NoMoreThanSoManyAreUnderWay) {
  Work work(4);
  auto s = test::spawn(stream::buffer_unordered(work.stream(), 2));
  assert_pending(s.poll_next());
  EXPECT_EQ(work.alive(), 2);
  EXPECT_EQ(s.stream().size_hint(), stream::internal::exactly(4));
  work[0].complete(0);
  assert_ready_eq(s.poll_next(), Value(0));
  EXPECT_EQ(work.alive(), 1);
  assert_pending(s.poll_next());
  EXPECT_EQ(work.alive(), 2);
}

TEST(ST44, WhatIsUnderWayStaysWhenNextIsDestroyed) {
  Work work(2);
  {
    auto s = test::spawn(stream::buffer_unordered(work.stream(), 2));
    assert_pending(s.poll_next());
    s.cancel_next();
    EXPECT_EQ(work.alive(), 2);
    work[1].complete(1);
    assert_ready_eq(s.poll_next(), Value(1));
  }
  EXPECT_EQ(work.alive(), 0);
}

TEST(ST44, WhatOneThrowsComesOutAndTheOthersGoOn) {
  Work work(2);
  auto s = test::spawn(stream::buffer_unordered(work.stream(), 2));
  assert_pending(s.poll_next());
  work[0].fail("zero");
  EXPECT_THROW(static_cast<void>(s.poll_next()), std::runtime_error);
  work[1].complete(1);
  assert_ready_eq(s.poll_next(), Value(1));
  assert_ready_eq(s.poll_next(), Value());
}

TEST(ST44, NoneAtOnceIsFatal) {
  Work work(1);
  EXPECT_DEATH(static_cast<void>(stream::buffer_unordered(work.stream(), 0)),
               "buffered_test\\.cc.*allow at least one");
  EXPECT_DEATH(static_cast<void>(stream::buffer_unordered(work.stream(), (1u << 20) + 1)),
               "buffered_test\\.cc.*use a JoinSet");
}

Task<int> after_yields(int i) {
  for (int n = 0; n < i % 3; ++n) co_await yield_now();
  co_return i;
}

TEST(ST44, ManyTasksRunInARuntime) {
  const auto all = []() -> Task<std::vector<int>> {
    co_return co_await (stream_test::count_to(1000) | stream::map(after_yields) |
                        stream::buffer_unordered(64) | stream::collect());
  };
  std::vector<int> got = test::block_on(all());
  std::sort(got.begin(), got.end());
  EXPECT_EQ(got, items_of(stream_test::count_to(1000)));
}

TEST(ST45, ResultsComeInTheOrderOfTheStream) {
  Work work(3);
  auto s = test::spawn(stream::buffered(work.stream(), 3));
  assert_pending(s.poll_next());
  work[1].complete(1);
  assert_pending(s.poll_next());
  work[0].complete(0);
  EXPECT_TRUE(s.is_woken());
  assert_ready_eq(s.poll_next(), Value(0));
  assert_ready_eq(s.poll_next(), Value(1));
  assert_pending(s.poll_next());
  work[2].complete(2);
  assert_ready_eq(s.poll_next(), Value(2));
  assert_ready_eq(s.poll_next(), Value());
}

TEST(ST45, ResultsThatWaitForTheirTurnCount) {
  Work work(3);
  auto s = test::spawn(stream::buffered(work.stream(), 2));
  assert_pending(s.poll_next());
  work[1].complete(1);
  assert_pending(s.poll_next());
  EXPECT_EQ(work[2].polls(), 0);
  work[0].complete(0);
  assert_ready_eq(s.poll_next(), Value(0));
  assert_ready_eq(s.poll_next(), Value(1));
  EXPECT_GT(work[2].polls(), 0);
}

TEST(ST45, WhatOneThrowsComesOutInItsTurn) {
  Work work(2);
  auto s = test::spawn(stream::buffered(work.stream(), 2));
  work[1].fail("one");
  assert_pending(s.poll_next());
  work[0].complete(0);
  assert_ready_eq(s.poll_next(), Value(0));
  EXPECT_THROW(static_cast<void>(s.poll_next()), std::runtime_error);
  assert_ready_eq(s.poll_next(), Value());
}

TEST(ST45, ManyTasksRunInARuntime) {
  const auto all = []() -> Task<std::vector<int>> {
    co_return co_await (stream_test::count_to(1000) | stream::map(after_yields) |
                        stream::buffered(64) | stream::collect());
  };
  EXPECT_EQ(test::block_on(all()), items_of(stream_test::count_to(1000)));
}

TEST(ST46, AWakeUpPollsOnlyWhatItIsFor) {
  Work work(50);
  auto s = test::spawn(stream::buffer_unordered(work.stream(), 50));
  assert_pending(s.poll_next());
  const int before = work[7].polls();
  work[3].complete(3);
  assert_ready_eq(s.poll_next(), Value(3));
  EXPECT_EQ(work[7].polls(), before);
}

// A place is used again and again: what was woken for an earlier occupant must not confuse it.
TEST(ST46, PlacesAreUsedAgain) {
  Work work(100);
  auto s = test::spawn(stream::buffer_unordered(work.stream(), 2));
  for (int i = 0; i < 100; ++i) {
    work[i].complete(i);
    assert_ready_eq(s.poll_next(), Value(i));
  }
  assert_ready_eq(s.poll_next(), Value());
}

TEST(ST47, ForEachConcurrentRunsSoManyAtOnce) {
  Work work(3);
  int running = 0;
  int most = 0;
  const auto body = [](Work& w, int& now, int& at_once, int i) -> Task<> {
    ++now;
    at_once = std::max(at_once, now);
    static_cast<void>(co_await w[i].wait());
    --now;
  };
  auto task = test::spawn(stream::for_each_concurrent(
      Scripted({0, 1, 2}), 2, [&](int i) { return body(work, running, most, i); }));
  assert_pending(task.poll());
  EXPECT_EQ(running, 2);
  work[1].complete(0);
  EXPECT_TRUE(task.is_woken());
  assert_pending(task.poll());
  work[0].complete(0);
  work[2].complete(0);
  assert_ready(task.poll());
  EXPECT_EQ(most, 2);
  EXPECT_EQ(running, 0);
}

TEST(ST47, IfOneThrowsTheOthersAreCancelledWithIt) {
  Work work(2);
  {
    auto task = test::spawn(
        stream::for_each_concurrent(Scripted({0, 1}), 2, [&](int i) { return work[i].wait(); }));
    assert_pending(task.poll());
    work[0].fail("zero");
    EXPECT_THROW(static_cast<void>(task.poll()), std::runtime_error);
  }
  EXPECT_EQ(work.alive(), 0);
}

}  // namespace
}  // namespace weft
