// Channels, intervals, sets of tasks and readers of lines as streams.

#include <weft/stream/stream.h>

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/probe.h>
#include <tests/unit/stream/stream_support.h>
#include <weft/runtime/yield_now.h>
#include <weft/testing/harness.h>
#include <weft/testing/paused_runtime.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using stream_test::items_of;
using stream_test::Value;
using test::assert_pending;
using test::assert_ready;
using test::assert_ready_eq;
using test::PausedRuntime;

TEST(ST22, ReceiverStreamYieldsTheMessagesAndEnds) {
  auto [sender, receiver] = sync::mpsc::channel<int>(4);
  auto s = test::spawn(stream::ReceiverStream(std::move(receiver)));
  assert_pending(s.poll_next());
  EXPECT_TRUE(sender.try_send(1));
  EXPECT_TRUE(s.is_woken());
  assert_ready_eq(s.poll_next(), Value(1));
  {
    auto last = std::move(sender);
  }
  assert_ready_eq(s.poll_next(), Value());
  assert_ready_eq(s.poll_next(), Value());
}

TEST(ST22, ReceiverStreamKnowsHowMuchMayCome) {
  auto [sender, receiver] = sync::mpsc::channel<int>(8);
  stream::ReceiverStream s(std::move(receiver));
  EXPECT_TRUE(sender.try_send(1));
  EXPECT_EQ(s.size_hint(), (stream::SizeHint{1, std::nullopt}));
  auto permit = sender.try_reserve();
  s.close();
  EXPECT_EQ(s.size_hint(), (stream::SizeHint{1, 2}));
  EXPECT_FALSE(sender.try_send(2));
  std::move(*permit).send(3);
  EXPECT_EQ(items_of(s), (std::vector{1, 3}));
}

TEST(ST22, ReceiverStreamGivesItsReceiverBack) {
  auto [sender, receiver] = sync::mpsc::channel<int>(8);
  stream::ReceiverStream s(std::move(receiver));
  auto back = std::move(s).into_inner();
  EXPECT_TRUE(sender.try_send(1));
  EXPECT_EQ(*back.try_recv(), 1);
}

TEST(ST22, UnboundedReceiverStreamYieldsTheMessagesAndEnds) {
  auto [sender, receiver] = sync::mpsc::unbounded_channel<int>();
  stream::UnboundedReceiverStream s(std::move(receiver));
  EXPECT_TRUE(sender.send(1));
  EXPECT_TRUE(sender.send(2));
  EXPECT_EQ(s.size_hint(), (stream::SizeHint{2, std::nullopt}));
  s.close();
  EXPECT_EQ(s.size_hint(), (stream::SizeHint{2, 2}));
  EXPECT_EQ(items_of(s), (std::vector{1, 2}));
}

TEST(ST22, BroadcastStreamTellsOfWhatWasLostAndEnds) {
  auto [sender, receiver] = sync::broadcast::channel<int>(2);
  auto s = test::spawn(stream::BroadcastStream(std::move(receiver)));
  assert_pending(s.poll_next());
  s.cancel_next();
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(sender.send(i));
  EXPECT_EQ(assert_ready(s.poll_next())->error().lagged(), 1u);
  EXPECT_EQ(**assert_ready(s.poll_next()), 2);
  EXPECT_EQ(**assert_ready(s.poll_next()), 3);
  assert_pending(s.poll_next());
  {
    auto last = std::move(sender);
  }
  EXPECT_TRUE(s.is_woken());
  EXPECT_FALSE(assert_ready(s.poll_next()).has_value());
  EXPECT_FALSE(assert_ready(s.poll_next()).has_value());
}

TEST(ST22, WatchStreamYieldsTheCurrentValueFirstAndThenTheLatest) {
  auto [sender, receiver] = sync::watch::channel<int>(1);
  auto s = test::spawn(stream::WatchStream(std::move(receiver)));
  assert_ready_eq(s.poll_next(), Value(1));
  assert_pending(s.poll_next());
  s.cancel_next();
  EXPECT_TRUE(sender.send(2));
  EXPECT_TRUE(sender.send(3));
  assert_ready_eq(s.poll_next(), Value(3));
  EXPECT_TRUE(sender.send(4));
  {
    auto last = std::move(sender);
  }
  assert_ready_eq(s.poll_next(), Value(4));
  assert_ready_eq(s.poll_next(), Value());
  assert_ready_eq(s.poll_next(), Value());
}

TEST(ST22, WatchStreamFromChangesYieldsOnlyChanges) {
  auto [sender, receiver] = sync::watch::channel<int>(1);
  auto s = test::spawn(stream::WatchStream<int>::from_changes(std::move(receiver)));
  assert_pending(s.poll_next());
  EXPECT_TRUE(sender.send(2));
  EXPECT_TRUE(s.is_woken());
  assert_ready_eq(s.poll_next(), Value(2));
}

TEST(ST22, IntervalStreamYieldsTheTicksForEver) {
  PausedRuntime runtime;
  auto s = test::spawn(stream::IntervalStream(time::interval(1s)));
  EXPECT_EQ(*assert_ready(s.poll_next()), runtime.at(0s));
  assert_pending(s.poll_next());
  s.cancel_next();
  runtime.advance(1s);
  EXPECT_EQ(*assert_ready(s.poll_next()), runtime.at(1s));
  EXPECT_EQ(s.stream().size_hint().second, std::nullopt);
}

TEST(ST22, JoinSetStreamYieldsTheResultsAndEnds) {
  PausedRuntime runtime;
  const auto sum = []() -> Task<int> {
    JoinSet<int> set;
    for (int i = 1; i <= 3; ++i) set.spawn([](int n) -> Task<int> { co_return n; }, i);
    stream::JoinSetStream s(std::move(set));
    const auto hint = s.size_hint();
    EXPECT_EQ(hint, stream::internal::exactly(3));
    int total = 0;
    while (auto result = co_await s.next()) total += result->value();
    co_return total;
  };
  EXPECT_EQ(runtime.block_on(sum()), 6);
}

TEST(ST22, WhatIsInsideCanBeHadBack) {
  PausedRuntime runtime;
  stream::IntervalStream ticks(time::interval(3s));
  EXPECT_EQ(std::move(ticks).into_inner().period(), 3s);
  stream::JoinSetStream results{JoinSet<int>()};
  results.inner().spawn([]() -> Task<int> { co_return 1; });
  EXPECT_EQ(std::move(results).into_inner().size(), 1u);
}

// What io::Lines and io::Split look like from here.
class Reader {
 public:
  using Segment = Result<std::optional<std::string>>;
  explicit Reader(std::deque<Segment> script) : script_(std::move(script)) {}

  Task<Segment> next_line() { return next(); }
  Task<Segment> next_segment() { return next(); }

 private:
  Task<Segment> next() {
    if (script_.empty()) co_return std::optional<std::string>();
    Segment first = std::move(script_.front());
    script_.pop_front();
    co_return first;
  }

  std::deque<Segment> script_;
};

TEST(ST22, AReaderOfLinesCanBeHadBack) {
  std::deque<Reader::Segment> script;
  script.emplace_back(std::optional<std::string>("one"));
  stream::LinesStream lines{Reader(std::move(script))};
  Reader reader = std::move(lines).into_inner();
  auto line = test::spawn(reader.next_line());
  EXPECT_EQ(**assert_ready(line.poll()), "one");
}

template <class S>
void expect_one_then_an_error_then_two(S stream) {
  auto s = test::spawn(std::move(stream));
  EXPECT_EQ(**assert_ready(s.poll_next()), "one");
  EXPECT_EQ(assert_ready(s.poll_next())->error(), std::errc::io_error);
  EXPECT_EQ(**assert_ready(s.poll_next()), "two");
  EXPECT_FALSE(assert_ready(s.poll_next()).has_value());
}

TEST(ST22, LinesAndSplitStreamsYieldErrorsAsItems) {
  const auto script = [] {
    std::deque<Reader::Segment> steps;
    steps.emplace_back(std::optional<std::string>("one"));
    steps.emplace_back(Err(Error(std::errc::io_error)));
    steps.emplace_back(std::optional<std::string>("two"));
    return steps;
  };
  expect_one_then_an_error_then_two(stream::LinesStream(Reader(script())));
  expect_one_then_an_error_then_two(stream::SplitStream(Reader(script())));
}

}  // namespace
}  // namespace weft
