// Keys of a DelayQueue: removing, resetting, limits, memory.

#include <weft/time/delay_queue.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/delay_queues.h>
#include <tests/support/mock_task.h>
#include <tests/support/paused_runtime.h>
#include <tests/support/runtimes.h>
#include <weft/base/runtime_gone.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>

namespace weft::time {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using test_support::drain;
using test_support::is_pending;
using test_support::MockTask;
using test_support::PausedRuntime;
using test_support::Polled;
using test_support::take_due;

using Values = std::vector<int>;

TEST(T50, RemoveGivesTheValueBack) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<std::unique_ptr<int>> queue;
  const DelayKey key = queue.insert(std::make_unique<int>(7), 10ms);
  queue.insert(std::make_unique<int>(8), 20ms);
  const Expired<std::unique_ptr<int>> removed = queue.remove(key);
  EXPECT_EQ(*removed.value, 7);
  EXPECT_EQ(removed.deadline, rt.at(10ms));
  EXPECT_EQ(removed.key, key);
  EXPECT_EQ(queue.size(), 1U);
  rt.advance(15ms);
  EXPECT_TRUE(is_pending(queue, task));
}

TEST(T50, WhatIsDueAndHasNotComeOutCanBeRemovedAndReset) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> queue;
  queue.insert(1, 5ms);
  const DelayKey second = queue.insert(2, 5ms);
  const DelayKey third = queue.insert(3, 5ms);
  const DelayKey late = queue.insert(4, 0ns);
  rt.advance(5ms);
  EXPECT_EQ(take_due(queue, task), 4);
  EXPECT_FALSE(queue.try_remove(late).has_value());
  EXPECT_EQ(take_due(queue, task), 1);
  EXPECT_EQ(queue.remove(second).value, 2);
  queue.reset(third, 5ms);
  EXPECT_TRUE(is_pending(queue, task));
  rt.advance(5ms);
  EXPECT_EQ(take_due(queue, task), 3);
}

TEST(T50, ResetMovesADeadlineEitherWay) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> queue;
  const DelayKey earlier = queue.insert(1, 10s);
  const DelayKey later = queue.insert(2, 10ms);
  queue.reset(earlier, 30ms);
  queue.reset(later, 40ms);
  EXPECT_EQ(queue.deadline(earlier), rt.at(30ms));
  EXPECT_EQ(queue.deadline(later), rt.at(40ms));
  rt.advance(29ms);
  EXPECT_TRUE(is_pending(queue, task));
  rt.advance(1ms);
  EXPECT_EQ(drain(queue, task), Values{1});
  rt.advance(10ms);
  EXPECT_EQ(drain(queue, task), Values{2});
}

TEST(T50, ATimerThatHasBecomeTooEarlyMakesNothingEarly) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> queue;
  const DelayKey key = queue.insert(1, 10ms);
  Polled next(queue.next());
  ASSERT_FALSE(next.poll(task));
  queue.reset(key, 100ms);
  rt.advance(10ms);
  EXPECT_FALSE(next.poll(task));
  rt.advance(89ms);
  EXPECT_FALSE(next.poll(task));
  rt.advance(1ms);
  EXPECT_TRUE(next.poll(task));
}

TEST(T50, AKeyIsNotUsedAgain) {
  PausedRuntime rt;
  DelayQueue<int> queue;
  const DelayKey old = queue.insert(1, 10ms);
  queue.remove(old);
  const DelayKey young = queue.insert(2, 10ms);
  EXPECT_NE(old, young);
  EXPECT_FALSE(queue.contains(old));
  EXPECT_FALSE(queue.try_remove(old).has_value());
  EXPECT_TRUE(queue.contains(young));
  EXPECT_EQ(queue.try_remove(young)->value, 2);
  EXPECT_FALSE(queue.contains(DelayKey()));
}

TEST(T50, KeysCanBeHashed) {
  PausedRuntime rt;
  DelayQueue<int> queue;
  std::unordered_map<DelayKey, int> by_key;
  for (int i = 0; i < 100; ++i) by_key[queue.insert(i, 1h)] = i;
  EXPECT_EQ(by_key.size(), 100U);
  for (const auto& [key, value] : by_key) EXPECT_EQ(queue.remove(key).value, value);
}

TEST(T50, AKeyThatNamesNothingIsFatal) {
  PausedRuntime rt;
  DelayQueue<int> queue;
  const DelayKey key = queue.insert(1, 10ms);
  queue.remove(key);
  EXPECT_DEATH(queue.remove(key),
               "delay_queue_keys_test\\.cc:[0-9]+: .*remove: the key names no entry");
  EXPECT_DEATH(queue.reset(key, 1ms), "delay_queue_keys_test\\.cc:[0-9]+: .*reset: the key");
  EXPECT_DEATH(queue.reset_at(key, rt.at(1ms)),
               "delay_queue_keys_test\\.cc:[0-9]+: .*reset: the key");
  EXPECT_DEATH(static_cast<void>(queue.deadline(key)),
               "delay_queue_keys_test\\.cc:[0-9]+: .*deadline");
}

TEST(T50, ADeadlineBeyondTheWheelIsFatal) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> queue;
  constexpr auto kLongest = std::chrono::milliseconds((std::int64_t{1} << 36) - 1);
  const DelayKey longest = queue.insert(1, kLongest);
  EXPECT_DEATH(queue.insert(2, kLongest + 1ms),
               "delay_queue_keys_test\\.cc:[0-9]+: .*2\\^36 - 1 ms");
  EXPECT_DEATH(queue.insert(2, nanoseconds::max()), "delay_queue_keys_test\\.cc:[0-9]+: .*2\\^36");
  EXPECT_DEATH(queue.reset(longest, kLongest + 1ms), "delay_queue_keys_test\\.cc:[0-9]+: .*2\\^36");
  // Counted from now, not from the beginning.
  rt.advance(1h);
  queue.insert(3, kLongest);
  rt.advance(kLongest - 1h);
  EXPECT_EQ(drain(queue, task), Values{1});
  rt.advance(1h);
  EXPECT_EQ(drain(queue, task), Values{3});
}

TEST(T50, MoreThanTheMostEntriesIsFatal) {
  PausedRuntime rt;
  DelayQueue<int> queue;
  EXPECT_EQ(DelayQueue<int>::kMaxEntries, (std::size_t{1} << 30) - 1);
  EXPECT_DEATH(queue.reserve(std::size_t{1} << 30),
               "delay_queue_keys_test\\.cc:[0-9]+: .*2\\^30 - 1");
  queue.insert(1, 1ms);
  EXPECT_DEATH(queue.reserve(DelayQueue<int>::kMaxEntries), "kMaxEntries");
}

TEST(T50, MakingOneWithoutTimersIsFatal) {
  runtime::Runtime rt = runtime::Builder::new_current_thread().enable_io().build().value();
  const auto entered = rt.enter();
  EXPECT_DEATH(DelayQueue<int>(), "delay_queue_keys_test\\.cc:[0-9]+: .*timers are disabled");
}

TEST(T50, PeekTellsWhatComesOutNext) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> queue;
  EXPECT_FALSE(queue.peek().has_value());
  const DelayKey far = queue.insert(1, 3000ms);
  EXPECT_EQ(queue.peek(), far);
  // In the same slot of a higher level as the other.
  const DelayKey near = queue.insert(2, 2999ms);
  EXPECT_EQ(queue.peek(), near);
  const DelayKey due = queue.insert(3, 1ms);
  rt.advance(2ms);
  EXPECT_EQ(queue.peek(), due);
  const DelayKey late = queue.insert(4, 0ns);
  EXPECT_EQ(queue.peek(), due);
  EXPECT_EQ(take_due(queue, task), 3);
  EXPECT_EQ(queue.peek(), late);
  EXPECT_EQ(take_due(queue, task), 4);
  EXPECT_EQ(queue.peek(), near);
}

TEST(T50, CapacityGrowsByReserveAndShrinksToFit) {
  PausedRuntime rt;
  DelayQueue<int> queue;
  EXPECT_EQ(queue.capacity(), 0U);
  queue.reserve(1000);
  EXPECT_GE(queue.capacity(), 1000U);
  EXPECT_TRUE(queue.empty());
  const DelayKey key = queue.insert(1, 1h);
  queue.shrink_to_fit();
  EXPECT_LT(queue.capacity(), 1000U);
  EXPECT_GE(queue.capacity(), 1U);
  EXPECT_EQ(queue.remove(key).value, 1);
  queue.shrink_to_fit();
  EXPECT_EQ(queue.capacity(), 0U);
  EXPECT_GE(DelayQueue<int>::with_capacity(100).capacity(), 100U);
}

TEST(T50, CompactKeepsKeysOrderAndValues) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<std::unique_ptr<int>> queue;
  std::vector<DelayKey> keys;
  for (int i = 0; i < 1000; ++i) {
    keys.push_back(queue.insert(std::make_unique<int>(i), std::chrono::milliseconds(1000 + i)));
  }
  const std::size_t full = queue.capacity();
  for (int i = 0; i < 1000; ++i) {
    if (i % 10 != 9) queue.remove(keys[static_cast<std::size_t>(i)]);
  }
  queue.compact();
  EXPECT_EQ(queue.size(), 100U);
  EXPECT_LT(queue.capacity(), full / 4);
  // Inserted where entries that were moved had been: a key still names only its own.
  queue.reserve(1000);
  std::vector<DelayKey> young;
  for (int i = 0; i < 900; ++i) {
    young.push_back(queue.insert(std::make_unique<int>(-i), 1h));
  }
  for (std::size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(queue.contains(keys[i]), i % 10 == 9);
  EXPECT_EQ(*queue.remove(keys[999]).value, 999);
  queue.reset(keys[989], 1ms);
  EXPECT_EQ(queue.deadline(keys[979]), rt.at(1979ms));
  for (const DelayKey key : young) queue.remove(key);
  rt.advance(1ms);
  EXPECT_EQ(*take_due(queue, task), 989);
  for (int i = 9; i < 989; i += 10) {
    Polled next(queue.next());
    if (!next.poll(task)) rt.advance(queue.deadline(*queue.peek()) - Clock::now());
    if (i == 9) {
      EXPECT_EQ(queue.peek(), keys[9]);
    }
    Polled now(queue.next());
    ASSERT_TRUE(now.poll(task));
    const auto expired = now.take();
    ASSERT_TRUE(expired.has_value());
    EXPECT_EQ(*expired->value, i);
    EXPECT_EQ(expired->key, keys[static_cast<std::size_t>(i)]);
  }
  EXPECT_TRUE(queue.empty());
}

TEST(T50, CompactingTwiceKeepsKeys) {
  PausedRuntime rt;
  DelayQueue<int> queue;
  std::vector<DelayKey> keys;
  for (int i = 0; i < 256; ++i) keys.push_back(queue.insert(i, 1h));
  for (std::size_t i = 0; i < 192; ++i) queue.remove(keys[i]);
  queue.compact();
  for (std::size_t i = 192; i < 224; ++i) queue.remove(keys[i]);
  queue.compact();
  EXPECT_EQ(queue.capacity(), 64U);
  for (std::size_t i = 224; i < 256; ++i) EXPECT_EQ(queue.remove(keys[i]).value, int(i));
  queue.compact();
  EXPECT_EQ(queue.capacity(), 0U);
}

TEST(T50, CompactKeepsWhatIsDue) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> queue;
  std::vector<DelayKey> keys;
  for (int i = 0; i < 128; ++i) keys.push_back(queue.insert(i, 1ms));
  rt.advance(1ms);
  take_due(queue, task);
  queue.insert(1000, 0ns);
  for (std::size_t i = 1; i < 120; ++i) queue.try_remove(keys[i]);
  queue.compact();
  Values left = drain(queue, task);
  std::ranges::sort(left);
  EXPECT_EQ(left.size(), 9U - (left.front() == 120 ? 0 : 1));
  EXPECT_EQ(left.back(), 1000);
}

}  // namespace
}  // namespace weft::time
