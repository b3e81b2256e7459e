// The queues that runnable tasks lie in, with bare headers for tasks.

#include <array>
#include <atomic>
#include <barrier>
#include <cstdint>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/scheduler/inject_queue.h>
#include <weft/runtime/scheduler/local_queue.h>
#include <weft/runtime/scheduler/task_chain.h>

namespace weft::internal {
namespace {

// Headers that are nothing but links. Queues compare and link pointers only.
class Tasks {
 public:
  explicit Tasks(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      headers_.push_back(static_cast<FrameHeader*>(allocate_frame(64)) - 1);
    }
  }
  Tasks(const Tasks&) = delete;
  Tasks& operator=(const Tasks&) = delete;
  ~Tasks() {
    for (FrameHeader* header : headers_) free_block(header);
  }
  FrameHeader* operator[](std::size_t i) const { return headers_[i]; }
  std::size_t index_of(const FrameHeader* header) const {
    for (std::size_t i = 0; i < headers_.size(); ++i) {
      if (headers_[i] == header) return i;
    }
    return headers_.size();
  }
  TaskChain chain(std::size_t from, std::size_t to) const {
    TaskChain chain;
    for (std::size_t i = from; i < to; ++i) chain.push_back(headers_[i]);
    return chain;
  }

 private:
  std::vector<FrameHeader*> headers_;
};

template <class Queue>
std::vector<std::size_t> drain(Queue& queue, const Tasks& tasks) {
  std::vector<std::size_t> order;
  while (FrameHeader* const task = queue.pop()) order.push_back(tasks.index_of(task));
  return order;
}

std::vector<std::size_t> range(std::size_t from, std::size_t to) {
  std::vector<std::size_t> indices(to - from);
  std::iota(indices.begin(), indices.end(), from);
  return indices;
}

TEST(R65, RingHas256SlotsAndIsFirstInFirstOut) {
  Tasks tasks(257);
  LocalQueue queue;
  for (std::size_t i = 0; i < 256; ++i) ASSERT_TRUE(queue.push(tasks[i]));
  EXPECT_FALSE(queue.push(tasks[256]));
  EXPECT_EQ(drain(queue, tasks), range(0, 256));
}

TEST(R65, CursorsCountOnAndAreMaskedOnUse) {
  Tasks tasks(3);
  BasicLocalQueue<4> queue;
  for (int round = 0; round < 100; ++round) {
    for (std::size_t i = 0; i < 3; ++i) ASSERT_TRUE(queue.push(tasks[i]));
    ASSERT_EQ(queue.size(), 3U);
    ASSERT_EQ(drain(queue, tasks), range(0, 3));
    ASSERT_TRUE(queue.empty());
  }
}

TEST(R66, SizeIsOfTasksAndRoomOfSlots) {
  Tasks tasks(10);
  LocalQueue queue;
  EXPECT_EQ(queue.free_slots(), 256U);
  for (std::size_t i = 0; i < 10; ++i) ASSERT_TRUE(queue.push(tasks[i]));
  EXPECT_EQ(queue.size(), 10U);
  EXPECT_EQ(queue.free_slots(), 246U);
  EXPECT_EQ(drain(queue, tasks).size(), 10U);
  EXPECT_EQ(queue.free_slots(), 256U);
}

TEST(R67, PushToAFullRingDoesNothing) {
  Tasks tasks(5);
  BasicLocalQueue<4> queue;
  for (std::size_t i = 0; i < 4; ++i) ASSERT_TRUE(queue.push(tasks[i]));
  EXPECT_FALSE(queue.push(tasks[4]));
  EXPECT_FALSE(queue.push_unfenced(tasks[4]));
  EXPECT_EQ(drain(queue, tasks), range(0, 4));
}

TEST(R68, OverflowTakesTheLaterHalfAndTheNewTaskOut) {
  Tasks tasks(257);
  LocalQueue queue;
  for (std::size_t i = 0; i < 256; ++i) ASSERT_TRUE(queue.push(tasks[i]));
  TaskChain half = queue.overflow(tasks[256]);
  EXPECT_EQ(half.count, 129U);
  EXPECT_EQ(queue.size(), 128U);
  for (std::size_t i = 128; i < 257; ++i) EXPECT_EQ(half.pop_front(), tasks[i]);
  EXPECT_EQ(drain(queue, tasks), range(0, 128));
}

TEST(R68, OverflowOfARingThatIsNotFullDoesNothing) {
  Tasks tasks(4);
  BasicLocalQueue<4> queue;
  for (std::size_t i = 0; i < 3; ++i) ASSERT_TRUE(queue.push(tasks[i]));
  EXPECT_TRUE(queue.overflow(tasks[3]).empty());
  EXPECT_EQ(drain(queue, tasks), range(0, 3));
}

TEST(R69, OwnerTakesTheOldest) {
  Tasks tasks(3);
  LocalQueue queue;
  EXPECT_EQ(queue.pop(), nullptr);
  for (std::size_t i = 0; i < 3; ++i) ASSERT_TRUE(queue.push(tasks[i]));
  EXPECT_EQ(queue.pop(), tasks[0]);
  EXPECT_EQ(queue.pop(), tasks[1]);
  EXPECT_EQ(queue.pop(), tasks[2]);
  EXPECT_EQ(queue.pop(), nullptr);
}

TEST(R70, ThiefTakesTheOlderHalfRoundedUpAndReturnsItsLast) {
  Tasks tasks(5);
  LocalQueue victim;
  LocalQueue thief;
  for (std::size_t i = 0; i < 5; ++i) ASSERT_TRUE(victim.push(tasks[i]));
  EXPECT_EQ(victim.steal_into(thief), tasks[2]);
  EXPECT_EQ(drain(thief, tasks), range(0, 2));
  EXPECT_EQ(drain(victim, tasks), range(3, 5));
}

TEST(R70, ThiefTakesAtMost128AndNothingFromAnEmptyRing) {
  Tasks tasks(256);
  LocalQueue victim;
  LocalQueue thief;
  EXPECT_EQ(victim.steal_into(thief), nullptr);
  for (std::size_t i = 0; i < 256; ++i) ASSERT_TRUE(victim.push(tasks[i]));
  EXPECT_EQ(victim.steal_into(thief), tasks[127]);
  EXPECT_EQ(thief.size(), 127U);
  EXPECT_EQ(victim.size(), 128U);
  drain(thief, tasks);
  drain(victim, tasks);
}

TEST(R70, ThiefThatIsMoreThanHalfFullGivesUp) {
  Tasks tasks(7);
  BasicLocalQueue<4> victim;
  BasicLocalQueue<4> thief;
  for (std::size_t i = 0; i < 4; ++i) ASSERT_TRUE(victim.push(tasks[i]));
  for (std::size_t i = 4; i < 7; ++i) ASSERT_TRUE(thief.push(tasks[i]));
  EXPECT_EQ(victim.steal_into(thief), nullptr);
  EXPECT_EQ(thief.pop(), tasks[4]);
  EXPECT_EQ(victim.steal_into(thief), tasks[1]);
  EXPECT_EQ(drain(thief, tasks), (std::vector<std::size_t>{5, 6, 0}));
  drain(victim, tasks);
}

TEST(R71, BatchThatDoesNotFitIsFatal) {
  Tasks tasks(5);
  BasicLocalQueue<4> queue;
  queue.push_batch(tasks.chain(0, 4));
  EXPECT_EQ(drain(queue, tasks), range(0, 4));
  EXPECT_DEATH(queue.push_batch(tasks.chain(0, 5)), "weft: fatal: .*push_batch");
}

TEST(R71, DestroyingARingWithTasksIsFatal) {
  Tasks tasks(1);
  auto queue = std::make_unique<BasicLocalQueue<4>>();
  ASSERT_TRUE(queue->push(tasks[0]));
  EXPECT_DEATH(queue.reset(), "weft: fatal: .*LocalQueue");
  EXPECT_EQ(queue->pop(), tasks[0]);
}

TEST(R72, InjectionQueueIsFirstInFirstOutAndKnowsItsLength) {
  Tasks tasks(5);
  InjectQueue queue;
  EXPECT_EQ(queue.length(), 0U);
  EXPECT_EQ(queue.pop(), nullptr);
  ASSERT_TRUE(queue.push(tasks[0]));
  const TaskChain batch = tasks.chain(1, 4);
  ASSERT_TRUE(queue.push_batch(batch.first, batch.last, batch.count));
  ASSERT_TRUE(queue.push_spawned(tasks[4]));
  EXPECT_EQ(queue.length(), 5U);
  EXPECT_EQ(drain(queue, tasks), range(0, 5));
  EXPECT_EQ(queue.length(), 0U);
}

TEST(R72, PopTakesAtMostWhatWasAskedFor) {
  Tasks tasks(5);
  InjectQueue queue;
  for (std::size_t i = 0; i < 5; ++i) ASSERT_TRUE(queue.push(tasks[i]));
  TaskChain some = queue.pop_up_to(2);
  EXPECT_EQ(some.count, 2U);
  EXPECT_EQ(some.pop_front(), tasks[0]);
  EXPECT_EQ(some.pop_front(), tasks[1]);
  EXPECT_EQ(queue.length(), 3U);
  EXPECT_EQ(queue.pop_up_to(10).count, 3U);
  EXPECT_TRUE(queue.pop_up_to(10).empty());
}

TEST(R72, ClosingRefusesInTwoSteps) {
  Tasks tasks(2);
  InjectQueue queue;
  EXPECT_TRUE(queue.stop_spawning());
  EXPECT_FALSE(queue.stop_spawning());
  EXPECT_FALSE(queue.push_spawned(tasks[0]));
  EXPECT_TRUE(queue.push(tasks[0])) << "what exists may still be woken";
  EXPECT_TRUE(queue.close());
  EXPECT_FALSE(queue.close());
  EXPECT_FALSE(queue.push(tasks[1]));
  EXPECT_EQ(drain(queue, tasks), range(0, 1));
}

TEST(R154, AllWaysToFillTheRingHold256) {
  Tasks tasks(256);
  LocalQueue queue;
  queue.push_batch(tasks.chain(0, 256));
  EXPECT_EQ(drain(queue, tasks), range(0, 256));
  std::size_t from = 0;
  for (const std::size_t count : {10U, 100U, 46U, 100U}) {
    queue.push_batch(tasks.chain(from, from + count));
    from += count;
  }
  EXPECT_EQ(queue.free_slots(), 0U);
  EXPECT_EQ(drain(queue, tasks), range(0, 256));
}

TEST(R154, OfFourAThiefTakesTwo) {
  Tasks tasks(4);
  LocalQueue victim;
  LocalQueue thief;
  for (std::size_t i = 0; i < 4; ++i) ASSERT_TRUE(victim.push(tasks[i]));
  EXPECT_EQ(victim.steal_into(thief), tasks[1]);
  EXPECT_EQ(thief.size(), 1U);
  EXPECT_EQ(victim.size(), 2U);
  drain(thief, tasks);
  drain(victim, tasks);
}

// An owner that pushes, pops and overflows a ring of four, and two thieves: each task comes out
// once.
TEST(R154, ConcurrentStealingLosesNothing) {
  constexpr std::size_t kCount = 20'000;
  Tasks tasks(kCount);
  BasicLocalQueue<4> queue;
  InjectQueue inject;
  std::vector<std::atomic<int>> taken(kCount);
  // The index of a task is kept in its id: looking it up would be quadratic.
  for (std::size_t i = 0; i < kCount; ++i) tasks[i]->id = i;
  const auto take = [&](FrameHeader* task) {
    if (task != nullptr) taken[task->id].fetch_add(1);
  };
  std::atomic<bool> done{false};
  std::barrier start(3);
  const auto steal = [&] {
    BasicLocalQueue<4> own;
    start.arrive_and_wait();
    while (!done) {
      take(queue.steal_into(own));
      while (FrameHeader* const task = own.pop()) take(task);
      std::this_thread::yield();
    }
  };
  std::thread first(steal);
  std::thread second(steal);
  start.arrive_and_wait();
  for (std::size_t i = 0; i < kCount; ++i) {
    while (!queue.push(tasks[i])) {
      const TaskChain half = queue.overflow(tasks[i]);
      if (!half.empty()) {
        ASSERT_TRUE(inject.push_batch(half.first, half.last, half.count));
        break;
      }
      if (queue.free_slots() == 0) {
        ASSERT_TRUE(inject.push(tasks[i]));
        break;
      }
    }
    if (i % 3 == 0) take(queue.pop());
  }
  done = true;
  first.join();
  second.join();
  while (FrameHeader* const task = queue.pop()) take(task);
  while (FrameHeader* const task = inject.pop()) take(task);
  for (std::size_t i = 0; i < kCount; ++i) ASSERT_EQ(taken[i], 1) << i;
}

}  // namespace
}  // namespace weft::internal
