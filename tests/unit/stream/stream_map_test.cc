#include <weft/stream/stream_map.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/unit/stream/stream_support.h>
#include <weft/base/rng.h>
#include <weft/runtime/coop.h>
#include <weft/stream/receiver_stream.h>
#include <weft/sync/mpsc.h>
#include <weft/testing/harness.h>

namespace weft {
namespace {

using stream_test::Account;
using stream_test::count_to;
using stream_test::items_of;
using stream_test::kWait;
using stream_test::Scripted;
using stream_test::Value;
using test::assert_pending;
using test::assert_ready;
using Map = stream::StreamMap<std::string, Scripted>;
using Found = std::optional<std::pair<std::string, int>>;

TEST(ST18, InsertReplacesAndReturnsTheOldOne) {
  Map map;
  EXPECT_FALSE(map.insert("a", Scripted({1})).has_value());
  std::optional<Scripted> old = map.insert("a", Scripted({2}));
  ASSERT_TRUE(old.has_value());
  EXPECT_EQ(items_of(*old), std::vector{1});
  EXPECT_EQ(map.size(), 1u);
  EXPECT_EQ(items_of(map), (std::vector<std::pair<std::string, int>>{{"a", 2}}));
}

TEST(ST18, RemoveTakesAStreamOut) {
  Map map;
  static_cast<void>(map.insert("a", Scripted({1})));
  static_cast<void>(map.insert("b", Scripted({2})));
  EXPECT_TRUE(map.contains("a"));
  EXPECT_EQ(items_of(*map.remove("a")), std::vector{1});
  EXPECT_FALSE(map.contains("a"));
  EXPECT_FALSE(map.remove("a").has_value());
  EXPECT_EQ(map.keys(), std::vector<std::string>{"b"});
}

TEST(ST18, RemoveGivesAUsersStreamBackWithoutItsNext) {
  stream::StreamMap<int, stream_test::Plain> map;
  static_cast<void>(map.insert(1, stream_test::Plain(2)));
  auto next = test::spawn(map.next());
  static_cast<void>(next.poll());
  EXPECT_EQ(items_of(*map.remove(1)), std::vector{2});
}

TEST(ST18, KeysValuesAndIterationSeeAllStreams) {
  Map map(4);
  EXPECT_GE(map.capacity(), 4u);
  EXPECT_TRUE(map.empty());
  static_cast<void>(map.insert("a", Scripted({1})));
  static_cast<void>(map.insert("b", Scripted({2})));
  EXPECT_EQ(map.keys(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(items_of(map.values().at(1).get()), std::vector{2});
  std::string seen;
  map.for_each([&](const std::string& key, Scripted& s) {
    seen += key + std::to_string(s.size_hint().first);
  });
  EXPECT_EQ(seen, "a1b0");
  map.clear();
  EXPECT_TRUE(map.empty());
}

TEST(ST19, YieldsTheKeyWithTheItem) {
  Map map;
  static_cast<void>(map.insert("a", Scripted({1})));
  auto s = test::spawn(map);
  EXPECT_EQ(assert_ready(s.poll_next()), Found({"a", 1}));
  EXPECT_EQ(assert_ready(s.poll_next()), Found());
}

TEST(ST19, AnEmptyMapEndsAndLivesAgain) {
  Map map;
  auto s = test::spawn(map);
  EXPECT_EQ(assert_ready(s.poll_next()), Found());
  static_cast<void>(map.insert("a", Scripted({1})));
  EXPECT_EQ(assert_ready(s.poll_next()), Found({"a", 1}));
}

TEST(ST19, WakesWhenAnyStreamDoes) {
  auto [sender, receiver] = sync::mpsc::unbounded_channel<int>();
  auto [other, other_receiver] = sync::mpsc::unbounded_channel<int>();
  stream::StreamMap<int, stream::UnboundedReceiverStream<int>> map;
  static_cast<void>(map.insert(1, stream::UnboundedReceiverStream(std::move(receiver))));
  static_cast<void>(map.insert(2, stream::UnboundedReceiverStream(std::move(other_receiver))));
  auto s = test::spawn(map);
  assert_pending(s.poll_next());
  EXPECT_TRUE(other.send(7));
  EXPECT_TRUE(s.is_woken());
  EXPECT_EQ(assert_ready(s.poll_next()), std::optional(std::pair(2, 7)));
}

TEST(ST19, PollingBeginsAtARandomStream) {
  std::set<int> first;
  for (int round = 0; round < 100 && first.size() < 3; ++round) {
    stream::StreamMap<int, Scripted> map;
    for (int i = 0; i < 3; ++i) static_cast<void>(map.insert(i, Scripted({i})));
    auto next = test::spawn(map.next());
    first.insert(assert_ready(next.poll())->first);
  }
  EXPECT_EQ(first.size(), 3u);
}

// Any pattern of streams that have ended and streams that are pending: one poll asks each exactly
// once, and keeps those that are pending.
TEST(ST19, EveryPendingStreamIsPolledOnceWhateverEndsBesideIt) {
  FastRand random(runtime::RngSeed::from_bytes("stream map"));
  for (int round = 0; round < 2000; ++round) {
    const std::uint32_t size = 1 + random.below(8);
    stream::StreamMap<std::uint32_t, Scripted> map;
    std::vector<std::shared_ptr<Account>> accounts;
    std::set<std::uint32_t> pending;
    for (std::uint32_t i = 0; i < size; ++i) {
      const bool waits = random.below(2) == 0;
      if (waits) pending.insert(i);
      Scripted s(waits ? std::vector<Value>{kWait, kWait} : std::vector<Value>{});
      accounts.push_back(s.account());
      static_cast<void>(map.insert(i, std::move(s)));
    }
    auto next = test::spawn(map.next());
    EXPECT_EQ(next.poll().is_pending(), !pending.empty());
    for (const auto& account : accounts) EXPECT_EQ(account->polls, 1);
    const std::vector<std::uint32_t> keys = map.keys();
    EXPECT_EQ((std::set<std::uint32_t>(keys.begin(), keys.end())), pending);
  }
}

TEST(ST19, ANextThatIsDestroyedLosesNothing) {
  Map map;
  static_cast<void>(map.insert("a", Scripted({kWait, 1})));
  auto s = test::spawn(map);
  assert_pending(s.poll_next());
  s.cancel_next();
  EXPECT_EQ(assert_ready(s.poll_next()), Found({"a", 1}));
}

std::size_t many_now(Map& map, std::vector<std::pair<std::string, int>>& out, std::size_t limit) {
  auto many = test::spawn(map.next_many(out, limit));
  return assert_ready(many.poll());
}

TEST(ST20, YieldsNoneForALimitOfNoneOrAnEmptyMap) {
  Map map;
  std::vector<std::pair<std::string, int>> out;
  EXPECT_EQ(many_now(map, out, 8), 0u);
  static_cast<void>(map.insert("a", Scripted({1})));
  EXPECT_EQ(many_now(map, out, 0), 0u);
  EXPECT_TRUE(out.empty());
}

TEST(ST20, GoesRoundWhileSomethingIsReadyUpToTheLimit) {
  Map map;
  static_cast<void>(map.insert("a", Scripted({1, 2, 3})));
  static_cast<void>(map.insert("b", Scripted({4, kWait})));
  std::vector<std::pair<std::string, int>> out;
  EXPECT_EQ(many_now(map, out, 2), 2u);
  EXPECT_EQ(out.size(), 2u);
  EXPECT_EQ(many_now(map, out, 8), 2u);
  std::sort(out.begin(), out.end());
  EXPECT_EQ(out,
            (std::vector<std::pair<std::string, int>>{{"a", 1}, {"a", 2}, {"a", 3}, {"b", 4}}));
}

TEST(ST20, WaitsForAtLeastOne) {
  auto [sender, receiver] = sync::mpsc::unbounded_channel<int>();
  stream::StreamMap<int, stream::UnboundedReceiverStream<int>> map;
  static_cast<void>(map.insert(1, stream::UnboundedReceiverStream(std::move(receiver))));
  std::vector<std::pair<int, int>> out;
  {
    auto lost = test::spawn(map.next_many(out, 4));
    assert_pending(lost.poll());
  }
  auto many = test::spawn(map.next_many(out, 4));
  assert_pending(many.poll());
  EXPECT_TRUE(sender.send(1));
  EXPECT_TRUE(sender.send(2));
  EXPECT_TRUE(many.is_woken());
  EXPECT_EQ(assert_ready(many.poll()), 2u);
  EXPECT_EQ(out.size(), 2u);
}

TEST(ST20, ThePollFormDoesTheSame) {
  Map map;
  map.reserve(3);
  EXPECT_GE(map.capacity(), 3u);
  static_cast<void>(map.insert("a", Scripted({1, kWait})));
  std::vector<std::pair<std::string, int>> out;
  Context cx(Waker::noop());
  EXPECT_EQ(*map.poll_next_many(cx, out, 8), 1u);
  EXPECT_EQ(*map.poll_next_many(cx, out, 8), 0u);  // it ended meanwhile
}

TEST(ST20, WhatAStreamThrowsComesOutAndWhatCameBeforeIsThere) {
  const auto body = []() -> stream::AsyncGenerator<int> {
    co_yield 1;
    throw std::runtime_error("two");
  };
  stream::StreamMap<int, stream::AsyncGenerator<int>> map;
  static_cast<void>(map.insert(1, body()));
  std::vector<std::pair<int, int>> out;
  auto many = test::spawn(map.next_many(out, 8));
  EXPECT_THROW(static_cast<void>(many.poll()), std::runtime_error);
  EXPECT_EQ(out.size(), 1u);
}

TEST(ST21, ExtendKeepsTheLastOfEqualKeys) {
  std::vector<std::pair<std::string, Scripted>> streams;
  streams.emplace_back("a", Scripted({1}));
  streams.emplace_back("b", Scripted({2}));
  streams.emplace_back("a", Scripted({3}));
  Map map;
  map.extend(std::move(streams));
  EXPECT_EQ(map.size(), 2u);
  EXPECT_EQ(items_of(*map.remove("a")), std::vector{3});
}

}  // namespace
}  // namespace weft
