// IdleNotifiedSet: which entries were woken, and what becomes of them. Without a runtime.

#include <weft/task/internal/idle_notified_set.h>

#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/mock_task.h>
#include <tests/support/scale.h>
#include <tests/support/threads.h>
#include <tests/support/tracked.h>
#include <weft/runtime/context.h>

namespace weft::internal {
namespace {

using test_support::MockTask;
using test_support::run_threads;
using test_support::scaled;
using test_support::Tracked;

using Set = IdleNotifiedSet<int>;

Set::Entry& insert(Set& set, int value) {
  return set.insert_idle([value] { return value; });
}

Set::Entry* pop(Set& set, const MockTask& task) {
  const Waker waker = task.waker();
  Context cx(waker);
  return set.pop_notified(cx);
}

template <class Entry>
Waker waker_of(Entry& entry) {
  return entry.poll_with([](Context& cx) { return cx.clone_waker(); });
}

TEST(T54, AnEntryThatWasNotWokenIsNotFound) {
  Set set;
  MockTask consumer;
  insert(set, 1);
  EXPECT_EQ(set.size(), 1u);
  EXPECT_EQ(pop(set, consumer), nullptr);
  EXPECT_EQ(set.try_pop_notified(), nullptr);
  EXPECT_FALSE(consumer.take_woken());
}

TEST(T54, WakingMovesAnEntryToNotifiedAndWakesTheConsumerOnce) {
  Set set;
  MockTask consumer;
  Set::Entry& first = insert(set, 1);
  Set::Entry& second = insert(set, 2);
  ASSERT_EQ(pop(set, consumer), nullptr);
  waker_of(second).wake();
  waker_of(first).wake();
  waker_of(second).wake();
  EXPECT_EQ(consumer.wake_count(), 1);
  EXPECT_EQ(pop(set, consumer), &second);
  EXPECT_EQ(pop(set, consumer), &first);
  EXPECT_EQ(pop(set, consumer), nullptr);
}

TEST(T54, AWakeUpBetweenPopAndPollIsKept) {
  Set set;
  MockTask consumer;
  Set::Entry& entry = insert(set, 1);
  ASSERT_EQ(pop(set, consumer), nullptr);
  const Waker waker = waker_of(entry);
  waker.wake();
  ASSERT_EQ(pop(set, consumer), &entry);
  waker.wake();  // "during the poll"
  EXPECT_EQ(pop(set, consumer), &entry);
}

TEST(T54, OnlyTheLatestConsumerIsWoken) {
  Set set;
  MockTask first, second;
  Set::Entry& entry = insert(set, 1);
  ASSERT_EQ(pop(set, first), nullptr);
  ASSERT_EQ(pop(set, second), nullptr);
  EXPECT_EQ(first.waker_ref_count(), 1);
  waker_of(entry).wake();
  EXPECT_FALSE(first.take_woken());
  EXPECT_TRUE(second.take_woken());
  EXPECT_EQ(second.waker_ref_count(), 1);
}

TEST(T54, TryPopLeavesTheConsumerThatWaits) {
  Set set;
  MockTask consumer;
  Set::Entry& entry = insert(set, 1);
  ASSERT_EQ(pop(set, consumer), nullptr);
  EXPECT_EQ(set.try_pop_notified(), nullptr);
  waker_of(entry).wake();
  EXPECT_TRUE(consumer.take_woken());
  EXPECT_EQ(set.try_pop_notified(), &entry);
}

TEST(T54, ARemovedEntryIsDeafAndItsWakersMayOutliveTheSet) {
  Waker late;
  MockTask consumer;
  {
    Set set;
    Set::Entry& entry = insert(set, 7);
    ASSERT_EQ(pop(set, consumer), nullptr);
    late = waker_of(entry);
    EXPECT_EQ(set.remove(entry), 7);
    EXPECT_TRUE(set.empty());
    late.wake();
    EXPECT_FALSE(consumer.take_woken());
  }
  EXPECT_EQ(consumer.waker_ref_count(), 1);
  late.wake();
  EXPECT_FALSE(consumer.take_woken());
}

TEST(T54, AValueGoesWithTheRemovalAndNotWithTheLastWaker) {
  Tracked::Count alive;
  IdleNotifiedSet<Tracked> set;
  auto& entry = set.insert_idle([&] { return Tracked(alive, 1); });
  const Waker late = waker_of(entry);
  {
    const Tracked value = set.remove(entry);
  }
  EXPECT_EQ(alive.count(), 0);
}

TEST(T54, DestroyingTheSetDestroysTheValues) {
  Tracked::Count alive;
  Waker late;
  {
    IdleNotifiedSet<Tracked> set;
    set.insert_idle([&] { return Tracked(alive, 1); });
    auto& notified = set.insert_idle([&] { return Tracked(alive, 2); });
    late = waker_of(notified);
    late.wake();
    EXPECT_EQ(alive.count(), 2);
  }
  EXPECT_EQ(alive.count(), 0);
}

TEST(T54, ForEachVisitsIdleAndNotified) {
  Set set;
  insert(set, 1);
  waker_of(insert(set, 2)).wake();
  insert(set, 4);
  int sum = 0;
  set.for_each([&](int& value) { sum += value; });
  EXPECT_EQ(sum, 7);
  EXPECT_EQ(set.size(), 3u);
}

TEST(T54, DrainTakesAllAlsoWhenOneThrows) {
  Set set;
  for (int i = 0; i < 4; ++i) insert(set, i);
  waker_of(insert(set, 4)).wake();
  std::vector<int> seen;
  const auto drain = [&] {
    set.drain([&](int value) {
      seen.push_back(value);
      if (value == 1 || value == 3) throw value;
    });
  };
  try {
    drain();
    FAIL() << "the exception was lost";
  } catch (int first) {
    EXPECT_EQ(first, 1);
  }
  EXPECT_EQ(seen, (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(set.try_pop_notified(), nullptr);
}

TEST(T54, DrainLeavesWhatIsInsertedMeanwhile) {
  Set set;
  insert(set, 1);
  set.drain([&](int value) { insert(set, value + 1); });
  EXPECT_EQ(set.size(), 1u);
  int left = 0;
  set.for_each([&](int& value) { left = value; });
  EXPECT_EQ(left, 2);
}

TEST(T54, AFailedInsertLeavesNothing) {
  Set set;
  EXPECT_THROW(set.insert_idle([]() -> int { throw std::runtime_error("no"); }),
               std::runtime_error);
  EXPECT_TRUE(set.empty());
}

TEST(T54, AMovedSetKeepsItsEntriesAndItsConsumer) {
  Set first;
  MockTask consumer;
  Set::Entry& entry = insert(first, 1);
  ASSERT_EQ(pop(first, consumer), nullptr);
  Set second(std::move(first));
  EXPECT_EQ(second.size(), 1u);
  waker_of(entry).wake();
  EXPECT_TRUE(consumer.take_woken());
  EXPECT_EQ(pop(second, consumer), &entry);
}

TEST(T54, NoWakeUpFromForeignThreadsIsLost) {
  constexpr int kThreads = 4;
  const int kEntries = scaled(2000);
  Set set;
  std::vector<std::vector<Waker>> wakers(kThreads);
  for (int i = 0; i < kThreads * kEntries; ++i) {
    wakers[static_cast<std::size_t>(i % kThreads)].push_back(waker_of(insert(set, i)));
  }
  MockTask consumer;
  ASSERT_EQ(pop(set, consumer), nullptr);
  run_threads(kThreads, [&](int thread) {
    for (Waker& waker : wakers[static_cast<std::size_t>(thread)]) std::move(waker).wake();
  });
  EXPECT_EQ(consumer.wake_count(), 1);
  int found = 0;
  while (Set::Entry* entry = pop(set, consumer)) {
    set.remove(*entry);
    ++found;
  }
  EXPECT_EQ(found, kThreads * kEntries);
}

TEST(T54, EntriesMayBeRemovedWhileOthersWakeThem) {
  const int kEntries = scaled(4000);
  Set set;
  std::vector<Set::Entry*> entries;
  std::vector<Waker> wakers;
  for (int i = 0; i < kEntries; ++i) {
    entries.push_back(&insert(set, i));
    wakers.push_back(waker_of(*entries.back()));
  }
  run_threads(2, [&](int thread) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (thread == 0) {
        std::move(wakers[i]).wake();
      } else {
        EXPECT_EQ(set.remove(*entries[i]), static_cast<int>(i));
      }
    }
  });
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(set.try_pop_notified(), nullptr);
}

}  // namespace
}  // namespace weft::internal
