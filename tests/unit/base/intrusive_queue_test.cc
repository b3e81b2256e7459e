#include <weft/base/intrusive_queue.h>

#include <gtest/gtest.h>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using weft::IntrusiveQueue;
using weft::QueueNode;

struct Job : QueueNode {
  explicit Job(int n) : number(n) {}
  int number;
};

using Numbers = std::vector<int>;

Numbers drain(IntrusiveQueue<Job>& queue) {
  Numbers found;
  while (Job* job = queue.pop_front()) found.push_back(job->number);
  return found;
}

TEST(IntrusiveQueue, IsFirstInFirstOut) {
  Job a(1), b(2), c(3);
  IntrusiveQueue<Job> queue;
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.front(), nullptr);
  EXPECT_EQ(queue.pop_front(), nullptr);
  queue.push_back(a);
  queue.push_back(b);
  EXPECT_EQ(queue.front(), &a);
  EXPECT_EQ(queue.pop_front(), &a);
  queue.push_back(c);
  queue.push_back(a);
  EXPECT_EQ(drain(queue), (Numbers{2, 3, 1}));
  EXPECT_TRUE(queue.empty());
  static_assert(!std::is_copy_constructible_v<IntrusiveQueue<Job>>);
  static_assert(std::is_trivially_destructible_v<QueueNode>);
}

TEST(IntrusiveQueue, TakesOneBackToTheFront) {
  Job a(1), b(2);
  IntrusiveQueue<Job> queue;
  queue.push_front(b);
  queue.push_front(a);
  EXPECT_EQ(drain(queue), (Numbers{1, 2}));
  queue.push_front(a);
  queue.push_back(b);
  EXPECT_EQ(drain(queue), (Numbers{1, 2}));
}

TEST(IntrusiveQueue, AppendsABatch) {
  Job a(1), b(2), c(3), d(4);
  IntrusiveQueue<Job> queue;
  IntrusiveQueue<Job> batch;
  queue.append(std::move(batch));
  EXPECT_TRUE(queue.empty());
  batch.push_back(a);
  batch.push_back(b);
  queue.append(std::move(batch));
  EXPECT_TRUE(batch.empty());
  batch.push_back(c);
  queue.append(std::move(batch));
  queue.push_back(d);
  EXPECT_EQ(drain(queue), (Numbers{1, 2, 3, 4}));
}

TEST(IntrusiveQueue, MovingTakesAllAndLeavesNothing) {
  Job a(1), b(2), c(3);
  IntrusiveQueue<Job> queue;
  queue.push_back(a);
  queue.push_back(b);
  IntrusiveQueue<Job> moved = std::move(queue);
  EXPECT_TRUE(queue.empty());
  queue = std::move(moved);
  EXPECT_TRUE(moved.empty());
  IntrusiveQueue<Job> taken = queue.take_all();
  EXPECT_TRUE(queue.empty());
  queue.push_back(c);
  EXPECT_EQ(drain(taken), (Numbers{1, 2}));
  EXPECT_EQ(drain(queue), (Numbers{3}));
}

struct ByPriority : QueueNode {};

struct Local : QueueNode {};
struct Task : Local, ByPriority {};

TEST(IntrusiveQueue, ElementMayBeInOneQueuePerHook) {
  Task a, b;
  IntrusiveQueue<Task, Local> local;
  IntrusiveQueue<Task, ByPriority> urgent;
  local.push_back(a);
  local.push_back(b);
  urgent.push_back(b);
  urgent.push_back(a);
  EXPECT_EQ(local.pop_front(), &a);
  EXPECT_EQ(urgent.pop_front(), &b);
  EXPECT_EQ(local.pop_front(), &b);
  EXPECT_EQ(urgent.pop_front(), &a);
}

#ifndef NDEBUG
TEST(IntrusiveQueueDeathTest, MisuseIsFatal) {
  Job a(1);
  IntrusiveQueue<Job> queue;
  EXPECT_DEATH(
      {
        IntrusiveQueue<Job> shortlived;
        shortlived.push_back(a);
      },
      "IntrusiveQueue: destroyed while it is not empty");
  EXPECT_DEATH(
      {
        queue.push_back(a);
        queue = IntrusiveQueue<Job>();
      },
      "IntrusiveQueue: assigned to while it is not empty");
  EXPECT_DEATH(queue.append(std::move(queue)), "IntrusiveQueue::append: to itself");
}
#endif

}  // namespace
