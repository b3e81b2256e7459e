// LocalQueue on one thread, thieves included: a steal can be stopped half way. With real threads:
// tests/stress/local_queue_test.cc.

#include <weft/runtime/scheduler/local_queue.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/fake_tasks.h>

namespace weft::internal {
namespace {

using test_support::FakeTasks;

// What a paused thief has claimed.
class ProbedQueue : public LocalQueue {
 public:
  // Everything a thief does up to the copying; the number of tasks it has claimed.
  std::uint32_t begin_steal() { return claim(claimed_); }
  void end_steal() { release_claim(claimed_); }

 private:
  Head claimed_{};
};

void push_range(LocalQueue& queue, const FakeTasks& tasks, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) ASSERT_TRUE(queue.push(tasks[i])) << i;
}

// Pops until empty and expects the tasks from `begin` up to `end`, in order.
void expect_range(LocalQueue& queue, const FakeTasks& tasks, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    ASSERT_EQ(tasks.index_of(queue.pop()), static_cast<std::ptrdiff_t>(i));
  }
  EXPECT_EQ(queue.pop(), nullptr);
}

TEST(R65, CursorsGoRoundTheRingManyTimes) {
  const FakeTasks tasks(100);
  LocalQueue queue;
  for (int round = 0; round < 100; ++round) {
    push_range(queue, tasks, 0, 100);
    EXPECT_EQ(queue.size(), 100u);
    expect_range(queue, tasks, 0, 100);
    EXPECT_TRUE(queue.empty());
  }
}

TEST(R65, OwnerAndThiefDivideTheTasksBetweenThem) {
  const FakeTasks tasks(10);
  LocalQueue queue;
  LocalQueue thief;
  push_range(queue, tasks, 0, 10);
  EXPECT_EQ(tasks.index_of(queue.pop()), 0);
  EXPECT_EQ(tasks.index_of(queue.steal_into(thief)), 5);
  expect_range(thief, tasks, 1, 5);
  expect_range(queue, tasks, 6, 10);
}

TEST(R66, ClaimedTasksAreGoneButTheirSlotsAreNotFree) {
  const FakeTasks tasks(8);
  ProbedQueue queue;
  push_range(queue, tasks, 0, 8);
  EXPECT_EQ(queue.size(), 8u);
  EXPECT_EQ(queue.free_slots(), LocalQueue::kCapacity - 8);
  ASSERT_EQ(queue.begin_steal(), 4u);
  EXPECT_EQ(queue.size(), 4u);
  EXPECT_EQ(queue.free_slots(), LocalQueue::kCapacity - 8);
  queue.end_steal();
  EXPECT_EQ(queue.size(), 4u);
  EXPECT_EQ(queue.free_slots(), LocalQueue::kCapacity - 4);
  expect_range(queue, tasks, 4, 8);
}

TEST(R67, PushedTaskCanBeTakenAtOnce) {
  const FakeTasks tasks(2);
  LocalQueue queue;
  LocalQueue thief;
  ASSERT_TRUE(queue.push(tasks[0]));
  EXPECT_FALSE(queue.empty());
  EXPECT_EQ(queue.steal_into(thief), tasks[0]);
  ASSERT_TRUE(queue.push_unfenced(tasks[1]));
  EXPECT_FALSE(queue.empty());
  EXPECT_EQ(queue.steal_into(thief), tasks[1]);
  EXPECT_TRUE(queue.empty());
}

TEST(R67, FullRingWithAThiefAtWorkRefusesTheTaskAndGivesNothingAway) {
  const FakeTasks tasks(300);
  ProbedQueue queue;
  push_range(queue, tasks, 0, LocalQueue::kCapacity);
  ASSERT_EQ(queue.begin_steal(), LocalQueue::kHalf);
  EXPECT_FALSE(queue.push(tasks[256]));
  EXPECT_FALSE(queue.push_unfenced(tasks[256]));
  EXPECT_TRUE(queue.overflow(tasks[256]).empty());
  queue.end_steal();
  EXPECT_TRUE(queue.push(tasks[256]));
  expect_range(queue, tasks, LocalQueue::kHalf, 257);
}

TEST(R68, OverflowTakesTheLaterHalfAndTheNewTask) {
  const FakeTasks tasks(257);
  LocalQueue queue;
  push_range(queue, tasks, 0, 256);
  ASSERT_FALSE(queue.push(tasks[256]));
  TaskChain half = queue.overflow(tasks[256]);
  EXPECT_EQ(half.count, 129u);
  EXPECT_EQ(half.last, tasks[256]);
  EXPECT_EQ(half.last->queue_next, nullptr);
  for (std::ptrdiff_t i = 128; i < 257; ++i) ASSERT_EQ(tasks.index_of(half.pop_front()), i);
  EXPECT_TRUE(half.empty());
  EXPECT_EQ(queue.free_slots(), 128u);
  expect_range(queue, tasks, 0, 128);
}

TEST(R68, OverflowKeepsTheOrderWhereverTheRingBegins) {
  const FakeTasks tasks(300);
  LocalQueue queue;
  push_range(queue, tasks, 0, 200);
  expect_range(queue, tasks, 0, 200);
  push_range(queue, tasks, 0, 256);
  TaskChain half = queue.overflow(tasks[256]);
  for (std::ptrdiff_t i = 128; i < 257; ++i) ASSERT_EQ(tasks.index_of(half.pop_front()), i);
  expect_range(queue, tasks, 0, 128);
}

TEST(R68, OverflowDoesNothingWhileThereIsRoom) {
  const FakeTasks tasks(257);
  LocalQueue queue;
  push_range(queue, tasks, 0, 256);
  EXPECT_EQ(queue.pop(), tasks[0]);
  EXPECT_TRUE(queue.overflow(tasks[256]).empty());
  expect_range(queue, tasks, 1, 256);
}

TEST(R69, OwnerPopsOnlyWhatAThiefHasNotClaimed) {
  const FakeTasks tasks(8);
  ProbedQueue queue;
  push_range(queue, tasks, 0, 8);
  ASSERT_EQ(queue.begin_steal(), 4u);
  EXPECT_EQ(queue.pop(), tasks[4]);
  // Its cursor alone has moved: the slots, that of the popped task too, wait for the thief.
  EXPECT_EQ(queue.free_slots(), LocalQueue::kCapacity - 8);
  queue.end_steal();
  EXPECT_EQ(queue.free_slots(), LocalQueue::kCapacity - 3);
  EXPECT_EQ(queue.pop(), tasks[5]);
  EXPECT_EQ(queue.free_slots(), LocalQueue::kCapacity - 2);
  expect_range(queue, tasks, 6, 8);
}

TEST(R70, ThiefTakesTheOlderHalfRoundedUpAndRunsTheLast) {
  const FakeTasks tasks(256);
  for (std::uint32_t count = 1; count <= 256; ++count) {
    LocalQueue queue;
    LocalQueue thief;
    push_range(queue, tasks, 0, count);
    const std::uint32_t half = (count + 1) / 2;
    ASSERT_EQ(tasks.index_of(queue.steal_into(thief)), static_cast<std::ptrdiff_t>(half) - 1);
    ASSERT_EQ(thief.size(), half - 1);
    expect_range(thief, tasks, 0, half - 1);
    expect_range(queue, tasks, half, count);
  }
}

TEST(R70, ThiefFindsNothingInAnEmptyQueue) {
  LocalQueue queue;
  LocalQueue thief;
  EXPECT_EQ(queue.steal_into(thief), nullptr);
  EXPECT_TRUE(thief.empty());
}

TEST(R70, ThiefGivesUpIfAnotherIsAtWork) {
  const FakeTasks tasks(8);
  ProbedQueue queue;
  LocalQueue thief;
  push_range(queue, tasks, 0, 8);
  ASSERT_EQ(queue.begin_steal(), 4u);
  EXPECT_EQ(queue.steal_into(thief), nullptr);
  EXPECT_EQ(queue.size(), 4u);
  queue.end_steal();
  EXPECT_EQ(queue.steal_into(thief), tasks[5]);
  expect_range(thief, tasks, 4, 5);
  expect_range(queue, tasks, 6, 8);
}

TEST(R70, ThiefGivesUpIfItsOwnRingIsMoreThanHalfFull) {
  const FakeTasks tasks(300);
  LocalQueue queue;
  LocalQueue thief;
  push_range(queue, tasks, 0, 4);
  push_range(thief, tasks, 100, 100 + LocalQueue::kHalf + 1);
  EXPECT_EQ(queue.steal_into(thief), nullptr);
  EXPECT_EQ(thief.pop(), tasks[100]);
  EXPECT_EQ(queue.steal_into(thief), tasks[1]);
  while (thief.pop() != nullptr) {
  }
  expect_range(queue, tasks, 2, 4);
}

TEST(R70, RoomOfTheThiefIsCountedFromItsOwnThief) {
  const FakeTasks tasks(300);
  LocalQueue queue;
  ProbedQueue thief;
  push_range(queue, tasks, 200, 204);
  push_range(thief, tasks, 0, 130);
  ASSERT_EQ(thief.begin_steal(), 65u);
  EXPECT_EQ(queue.steal_into(thief), nullptr);
  thief.end_steal();
  EXPECT_EQ(queue.steal_into(thief), tasks[201]);
  while (thief.pop() != nullptr) {
  }
  expect_range(queue, tasks, 202, 204);
}

TEST(R71, BatchIsAppendedInOrder) {
  const FakeTasks tasks(256);
  LocalQueue queue;
  push_range(queue, tasks, 0, 100);
  queue.push_batch(tasks.chain(100, 256));
  EXPECT_EQ(queue.free_slots(), 0u);
  queue.push_batch(TaskChain());
  expect_range(queue, tasks, 0, 256);
}

TEST(R71, BatchThatDoesNotFitIsFatal) {
  const FakeTasks tasks(257);
  LocalQueue queue;
  push_range(queue, tasks, 0, 100);
  EXPECT_DEATH(queue.push_batch(tasks.chain(100, 257)), "LocalQueue::push_batch: there is no room");
  while (queue.pop() != nullptr) {
  }
}

TEST(R71, DestroyingARingWithTasksIsFatal) {
  const FakeTasks tasks(1);
  const auto destroy = [&tasks] {
    LocalQueue queue;
    static_cast<void>(queue.push(tasks[0]));
  };
  EXPECT_DEATH(destroy(), "LocalQueue: destroyed with tasks in it");
}

TEST(R71, ExceptionOnItsWayMayDestroyARingWithTasks) {
  const FakeTasks tasks(1);
  const auto destroy = [&tasks] {
    LocalQueue queue;
    static_cast<void>(queue.push(tasks[0]));
    throw std::runtime_error("on its way");
  };
  EXPECT_THROW(destroy(), std::runtime_error);
}

TEST(R154, Holds256TasksHoweverTheyArePushed) {
  const FakeTasks tasks(256);
  const std::vector<std::vector<std::size_t>> ways = {
      std::vector<std::size_t>(256, 1), {256}, {10, 100, 46, 100}};
  for (const auto& chunks : ways) {
    LocalQueue queue;
    std::size_t pushed = 0;
    for (const std::size_t chunk : chunks) {
      if (chunk == 1) {
        ASSERT_TRUE(queue.push(tasks[pushed]));
      } else {
        queue.push_batch(tasks.chain(pushed, pushed + chunk));
      }
      pushed += chunk;
      ASSERT_EQ(queue.size(), pushed);
    }
    expect_range(queue, tasks, 0, 256);
  }
}

TEST(R154, The257thTaskOverflowsOnce) {
  const FakeTasks tasks(400);
  LocalQueue queue;
  int overflows = 0;
  for (std::size_t i = 0; i < 257; ++i) {
    if (queue.push(tasks[i])) continue;
    EXPECT_EQ(queue.overflow(tasks[i]).count, 129u);
    ++overflows;
  }
  EXPECT_EQ(overflows, 1);
  push_range(queue, tasks, 257, 385);
  EXPECT_FALSE(queue.push(tasks[385]));
  while (queue.pop() != nullptr) {
  }
}

TEST(R154, OfFourTasksAThiefTakesTwo) {
  const FakeTasks tasks(4);
  LocalQueue queue;
  LocalQueue thief;
  push_range(queue, tasks, 0, 4);
  EXPECT_EQ(queue.steal_into(thief), tasks[1]);
  EXPECT_EQ(thief.size(), 1u);
  EXPECT_EQ(queue.size(), 2u);
  expect_range(thief, tasks, 0, 1);
  expect_range(queue, tasks, 2, 4);
}

}  // namespace
}  // namespace weft::internal
