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
#include <tests/support/tracked.h>
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
using test_support::Tracked;

using Values = std::vector<int>;

TEST(T50, EndsAtOnceWhenItIsEmpty) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> queue;
  Polled next(queue.next());
  ASSERT_TRUE(next.poll(task));
  EXPECT_FALSE(next.take().has_value());
}

TEST(T50, AValueComesOutAtItsDeadline) {
  PausedRuntime rt;
  DelayQueue<std::string> queue;
  const DelayKey key = queue.insert("one", 5ms);
  rt.run([&]() -> Task<> {
    auto expired = co_await queue.next();
    EXPECT_EQ(rt.now(), 5ms);
    EXPECT_TRUE(expired.has_value());
    if (expired) {
      EXPECT_EQ(expired->value, "one");
      EXPECT_EQ(expired->deadline, rt.at(5ms));
      EXPECT_EQ(expired->key, key);
    }
    expired = co_await queue.next();
    EXPECT_FALSE(expired.has_value());
  });
}

TEST(T50, NeverEarlyAndRoundedUpToMilliseconds) {
  PausedRuntime rt;
  DelayQueue<int> queue;
  queue.insert(1, 5ms + 1ns);
  rt.run([&]() -> Task<> {
    auto expired = co_await queue.next();
    EXPECT_TRUE(expired && expired->deadline == rt.at(5ms + 1ns));
  });
  EXPECT_EQ(rt.now(), 6ms);
}

TEST(T50, ComesOutInOrderOfDeadlines) {
  PausedRuntime rt;
  DelayQueue<int> queue;
  Values expected;
  // Across the borders of levels, inserted out of order.
  for (int i = 0; i < 300; ++i) {
    const int due = 1 + i * 7919 % 100'003;
    queue.insert(due, std::chrono::milliseconds(due));
    expected.push_back(due);
  }
  std::ranges::sort(expected);
  Values out;
  rt.run([&]() -> Task<> {
    while (auto expired = co_await queue.next()) {
      EXPECT_EQ(rt.now(), std::chrono::milliseconds(expired->value));
      out.push_back(expired->value);
    }
  });
  EXPECT_EQ(out, expected);
}

// The time of the runtime that the caller is in says nothing of a queue that is another's.
TEST(T50, KeepsToTheClockOfItsRuntimeAwaitedInOneThatIsAhead) {
  PausedRuntime first;
  MockTask task;
  DelayQueue<int> queue;
  queue.insert(1, 10ms);
  PausedRuntime second;
  second.advance(1h);
  EXPECT_TRUE(is_pending(queue, task));
  first.advance(10ms);
  EXPECT_TRUE(task.take_woken());
  EXPECT_EQ(take_due(queue, task), 1);
}

TEST(T50, KeepsToTheClockOfItsRuntimeAwaitedInOneThatIsBehind) {
  PausedRuntime first;
  MockTask task;
  DelayQueue<int> queue;
  queue.insert(1, 10ms);
  queue.insert(2, 20ms);
  PausedRuntime second;
  first.advance(10ms);
  EXPECT_EQ(take_due(queue, task), 1);
  EXPECT_TRUE(is_pending(queue, task));
}

TEST(T50, DelaysCountFromTheTimeOfItsRuntime) {
  PausedRuntime first;
  MockTask task;
  DelayQueue<int> queue;
  const DelayKey late = queue.insert(1, 1h);
  PausedRuntime second;
  second.advance(2h);
  const DelayKey key = queue.insert(2, 10ms);
  EXPECT_EQ(queue.deadline(key), first.at(10ms));
  queue.reset(late, 20ms);
  EXPECT_EQ(queue.deadline(late), first.at(20ms));
  EXPECT_TRUE(is_pending(queue, task));
  first.advance(20ms);
  EXPECT_EQ(drain(queue, task), (Values{2, 1}));
}

TEST(T50, WhatHasPassedIsToldByTheClockOfItsRuntime) {
  PausedRuntime first;
  MockTask task;
  DelayQueue<int> queue;
  PausedRuntime second;
  second.advance(1h);
  // Passed for the second; a part of a millisecond ahead for the first, and so rounded up.
  queue.insert_at(1, first.at(1ns));
  EXPECT_TRUE(is_pending(queue, task));
  first.advance(1ms);
  EXPECT_EQ(take_due(queue, task), 1);
}

TEST(T50, InOrderAlsoWhenAllArePastAtOnce) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> queue;
  for (const int due : {70, 3, 5000, 64, 128, 4, 63}) {
    queue.insert(due, std::chrono::milliseconds(due));
  }
  rt.advance(10s);
  EXPECT_EQ(drain(queue, task), (Values{3, 4, 63, 64, 70, 128, 5000}));
}

TEST(T50, WhatHasPassedComesOutAtOnce) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> queue;
  rt.advance(1s);
  queue.insert(1, 1ms);
  queue.insert_at(2, rt.at(1ms));
  queue.insert(3, 0ns);
  queue.insert(4, -1h);
  Values out = drain(queue, task);
  std::ranges::sort(out);
  EXPECT_EQ(out, (Values{2, 3, 4}));
  EXPECT_EQ(queue.size(), 1U);
}

TEST(T50, AnInsertionBetweenValuesThatAreDueIsPutInOrder) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> queue;
  queue.insert(10, 10ms);
  queue.insert(30, 30ms);
  queue.insert(30, 30ms);
  rt.advance(20ms);
  EXPECT_EQ(take_due(queue, task), 10);
  queue.insert_at(25, rt.at(25ms));
  rt.advance(20ms);
  EXPECT_EQ(drain(queue, task), (Values{25, 30, 30}));
}

TEST(T50, AnEarlierInsertionWakesTheConsumer) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> queue;
  queue.insert(1, 100ms);
  Polled next(queue.next());
  ASSERT_FALSE(next.poll(task));
  queue.insert(2, 200ms);
  EXPECT_FALSE(task.take_woken());
  queue.insert(3, 50ms);
  EXPECT_TRUE(task.take_woken());
  EXPECT_FALSE(next.poll(task));
  rt.advance(50ms);
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(next.poll(task));
  EXPECT_EQ(next.take()->value, 3);
}

TEST(T50, AnInsertionThatHasPassedWakesTheConsumer) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> queue;
  queue.insert(1, 100ms);
  EXPECT_TRUE(is_pending(queue, task));
  queue.insert(2, 0ns);
  EXPECT_TRUE(task.take_woken());
  EXPECT_EQ(take_due(queue, task), 2);
}

TEST(T50, AnEarlierResetWakesTheConsumer) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> queue;
  queue.insert(1, 100ms);
  const DelayKey key = queue.insert(2, 300ms);
  EXPECT_TRUE(is_pending(queue, task));
  queue.reset(key, 200ms);
  EXPECT_FALSE(task.take_woken());
  queue.reset_at(key, rt.at(20ms));
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(is_pending(queue, task));
  rt.advance(20ms);
  EXPECT_TRUE(task.take_woken());
  EXPECT_EQ(take_due(queue, task), 2);
}

TEST(T50, RemovingTheLastValueWakesTheConsumer) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> queue;
  const DelayKey first = queue.insert(1, 100ms);
  const DelayKey second = queue.insert(2, 200ms);
  Polled next(queue.next());
  ASSERT_FALSE(next.poll(task));
  queue.remove(second);
  EXPECT_FALSE(task.take_woken());
  queue.remove(first);
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(next.poll(task));
  EXPECT_FALSE(next.take().has_value());
}

TEST(T50, ClearDestroysAllValuesAndWakesTheConsumer) {
  PausedRuntime rt;
  MockTask task;
  Tracked::Count alive;
  DelayQueue<Tracked> queue;
  queue.insert(Tracked(alive, 1), 0ns);
  queue.insert(Tracked(alive, 2), 10ms);
  queue.insert(Tracked(alive, 3), 10h);
  take_due(queue, task);
  EXPECT_TRUE(is_pending(queue, task));
  const std::size_t capacity = queue.capacity();
  queue.clear();
  EXPECT_TRUE(task.take_woken());
  EXPECT_EQ(alive.count(), 0);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.capacity(), capacity);
  EXPECT_FALSE(queue.peek().has_value());
}

TEST(T50, MayBeFilledAgainAfterItsEnd) {
  PausedRuntime rt;
  DelayQueue<int> queue;
  rt.run([&]() -> Task<> {
    for (int round = 1; round <= 3; ++round) {
      queue.insert(round, 10ms);
      const auto expired = co_await queue.next();
      EXPECT_TRUE(expired && expired->value == round);
      const auto end = co_await queue.next();
      EXPECT_FALSE(end.has_value());
    }
  });
  EXPECT_EQ(rt.now(), 30ms);
}

TEST(T50, WaitsForWhatATaskBesideItInserts) {
  PausedRuntime rt;
  DelayQueue<int> queue;
  queue.insert(1, 1h);
  rt.run([&]() -> Task<> {
    auto inserting = spawn([](DelayQueue<int>& q) -> Task<> {
      q.insert(2, 10ms);
      co_return;
    }(queue));
    const auto expired = co_await queue.next();
    EXPECT_TRUE(expired && expired->value == 2);
    static_cast<void>(co_await inserting);
  });
  EXPECT_EQ(rt.now(), 10ms);
}

TEST(T50, AWaitThatIsDestroyedLosesNothing) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> queue;
  queue.insert(1, 5ms);
  {
    Polled next(queue.next());
    EXPECT_FALSE(next.poll(task));
    rt.advance(5ms);
    EXPECT_TRUE(task.take_woken());
  }
  EXPECT_EQ(take_due(queue, task), 1);
}

TEST(T50, TheLastTaskThatPolledIsWoken) {
  PausedRuntime rt;
  MockTask first;
  MockTask second;
  DelayQueue<int> queue;
  queue.insert(1, 5ms);
  EXPECT_TRUE(is_pending(queue, first));
  EXPECT_TRUE(is_pending(queue, second));
  rt.advance(5ms);
  EXPECT_FALSE(first.take_woken());
  EXPECT_TRUE(second.take_woken());
}

TEST(T50, DestroyingItLeavesNoTimerNoWakerAndNoValue) {
  PausedRuntime rt;
  MockTask task;
  Tracked::Count alive;
  {
    DelayQueue<Tracked> queue;
    queue.insert(Tracked(alive, 1), 5ms);
    queue.insert(Tracked(alive, 2), 0ns);
    take_due(queue, task);
    EXPECT_TRUE(is_pending(queue, task));
    EXPECT_GT(task.waker_ref_count(), 1);
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
  EXPECT_EQ(alive.count(), 0);
  rt.advance(10ms);
  EXPECT_FALSE(task.take_woken());
}

TEST(T50, AnEmptyQueueHoldsNoWaker) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> queue;
  const DelayKey key = queue.insert(1, 5ms);
  EXPECT_TRUE(is_pending(queue, task));
  queue.remove(key);
  EXPECT_TRUE(drain(queue, task).empty());
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(T50, AQueueThatHasGivenOutItsLastValueHoldsNoWaker) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> queue;
  queue.insert(1, 5ms);
  EXPECT_TRUE(is_pending(queue, task));
  rt.advance(5ms);
  EXPECT_EQ(drain(queue, task), Values{1});
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(T50, MovingItKeepsEntriesKeysAndTheTimer) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> source;
  const DelayKey key = source.insert(1, 5ms);
  source.insert(2, 7ms);
  EXPECT_TRUE(is_pending(source, task));
  DelayQueue<int> queue = std::move(source);
  EXPECT_EQ(queue.deadline(key), rt.at(5ms));
  rt.advance(7ms);
  EXPECT_TRUE(task.take_woken());
  EXPECT_EQ(drain(queue, task), (Values{1, 2}));
}

TEST(T50, EachValueTakesAUnitOfTheBudget) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> queue;
  for (int i = 0; i < Budget::kUnits + 10; ++i) queue.insert(i, 0ns);
  Budget budget = Budget::initial();
  int taken = 0;
  for (;;) {
    Polled next(queue.next());
    if (!next.poll(task, budget)) break;
    ++taken;
    ASSERT_LE(taken, Budget::kUnits);
  }
  EXPECT_EQ(taken, Budget::kUnits);
  EXPECT_TRUE(task.take_woken());
}

TEST(T50, WaitingTakesNoBudget) {
  PausedRuntime rt;
  MockTask task;
  DelayQueue<int> queue;
  queue.insert(1, 1ms);
  Budget budget = Budget::initial();
  Polled next(queue.next());
  for (int i = 0; i < 2 * Budget::kUnits; ++i) EXPECT_FALSE(next.poll(task, budget));
  rt.advance(1ms);
  EXPECT_TRUE(next.poll(task, budget));
}

TEST(T50, PollExpiredIsAStepOfNext) {
  PausedRuntime rt;
  MockTask task;
  const Waker waker = task.waker();
  Context cx(waker);
  DelayQueue<int> queue;
  const auto end = queue.poll_expired(cx);
  ASSERT_TRUE(end.is_ready());
  EXPECT_FALSE(end->has_value());
  queue.insert(1, 1ms);
  EXPECT_TRUE(queue.poll_expired(cx).is_pending());
  rt.advance(1ms);
  EXPECT_TRUE(task.take_woken());
  const auto expired = queue.poll_expired(cx);
  ASSERT_TRUE(expired.is_ready());
  EXPECT_EQ((*expired)->value, 1);
}

TEST(T50, WaitingAfterItsRuntimeHasEndedThrows) {
  MockTask task;
  std::optional<DelayQueue<int>> queue;
  {
    PausedRuntime rt;
    queue.emplace();
    queue->insert(1, 1h);
    EXPECT_TRUE(is_pending(*queue, task));
  }
  EXPECT_TRUE(task.take_woken());
  Polled next(queue->next());
  ASSERT_TRUE(next.poll(task));
  EXPECT_THROW(static_cast<void>(next.take()), RuntimeGone);
}

TEST(T50, OneMadeWithoutARuntimeBindsWhereItFirstWaits) {
  DelayQueue<int> queue;
  queue.insert(1, 0ns);
  MockTask task;
  EXPECT_EQ(take_due(queue, task), 1);
  queue.insert(2, 1h);
  PausedRuntime rt;
  const nanoseconds left = 1h;
  rt.run([&]() -> Task<> {
    const auto expired = co_await queue.next();
    EXPECT_TRUE(expired && expired->value == 2);
  });
  EXPECT_GE(rt.now(), left - 1s);
}

TEST(T50, WaitingWithoutAnyRuntimeIsFatal) {
  MockTask task;
  DelayQueue<int> queue;
  queue.insert(1, 1h);
  EXPECT_DEATH(Polled(queue.next()).poll(task),
               "delay_queue_test\\.cc:[0-9]+: .*no reactor running");
}

TEST(T50, AWaitInAnotherRuntimeUsesTheQueuesTimer) {
  PausedRuntime own;
  DelayQueue<int> queue;
  // So long that the other runtime's clock, which runs, does not come to it first.
  queue.insert(1, 1h);
  runtime::Runtime other = test_support::multi_thread(1);
  auto waiting = other.spawn([](DelayQueue<int>& q) -> Task<int> {
    const auto expired = co_await q.next();
    co_return expired ? expired->value : 0;
  }(queue));
  // The clock of `own` moves only while it has nothing else to do: it is the timer that wakes.
  const auto joined = own->block_on(waiting);
  EXPECT_EQ(joined.value_or(0), 1);
  EXPECT_EQ(own.now(), 1h);
}

}  // namespace
}  // namespace weft::time
