#include <weft/runtime/scheduler/inject_queue.h>

#include <cstddef>
#include <optional>

#include <gtest/gtest.h>
#include <tests/support/fake_tasks.h>

namespace weft::internal {
namespace {

using test_support::FakeTasks;

bool push_chain(InjectQueue& queue, TaskChain tasks) {
  return queue.push_batch(tasks.first, tasks.last, tasks.count);
}

// Pops until empty and expects the tasks from `begin` up to `end`, in order.
void expect_range(InjectQueue& queue, const FakeTasks& tasks, std::ptrdiff_t begin,
                  std::ptrdiff_t end) {
  for (std::ptrdiff_t i = begin; i < end; ++i) {
    ASSERT_EQ(queue.length(), static_cast<std::size_t>(end - i));
    ASSERT_EQ(tasks.index_of(queue.pop()), i);
  }
  EXPECT_EQ(queue.pop(), nullptr);
  EXPECT_EQ(queue.length(), 0u);
}

TEST(R72, TasksAndBatchesKeepTheirOrder) {
  const FakeTasks tasks(8);
  InjectQueue queue;
  EXPECT_TRUE(queue.push(tasks[0]));
  EXPECT_TRUE(push_chain(queue, tasks.chain(1, 5)));
  EXPECT_TRUE(queue.push_spawned(tasks[5]));
  EXPECT_TRUE(push_chain(queue, tasks.chain(6, 8)));
  expect_range(queue, tasks, 0, 8);
}

TEST(R72, BatchEndsWhereItsLengthSays) {
  const FakeTasks tasks(3);
  InjectQueue queue;
  TaskChain two = tasks.chain(0, 2);
  two.last->queue_next = tasks[2];  // whatever the link said before
  EXPECT_TRUE(push_chain(queue, two));
  expect_range(queue, tasks, 0, 2);
}

TEST(R72, PopsUpToALimitAndNotMoreThanThereIs) {
  const FakeTasks tasks(10);
  InjectQueue queue;
  EXPECT_TRUE(push_chain(queue, tasks.chain(0, 10)));
  TaskChain some = queue.pop_up_to(4);
  EXPECT_EQ(some.count, 4u);
  EXPECT_EQ(some.last->queue_next, nullptr);
  for (std::ptrdiff_t i = 0; i < 4; ++i) EXPECT_EQ(tasks.index_of(some.pop_front()), i);
  EXPECT_TRUE(some.empty());
  EXPECT_EQ(queue.length(), 6u);
  EXPECT_TRUE(queue.pop_up_to(0).empty());
  TaskChain rest = queue.pop_up_to(100);
  EXPECT_EQ(rest.count, 6u);
  EXPECT_EQ(rest.first, tasks[4]);
  EXPECT_EQ(rest.last, tasks[9]);
  EXPECT_TRUE(queue.pop_up_to(1).empty());
  // The queue goes on after it was empty.
  EXPECT_TRUE(queue.push(tasks[0]));
  expect_range(queue, tasks, 0, 1);
}

TEST(R72, HookRunsOnceForAnAcceptedTaskBeforeItCanBeSeen) {
  const FakeTasks tasks(2);
  InjectQueue queue;
  std::optional<std::size_t> seen;
  EXPECT_TRUE(queue.push_if_open_with(tasks[0], [&] { seen = queue.length(); }));
  EXPECT_EQ(seen, 0u);
  EXPECT_TRUE(queue.push_spawned_with(tasks[1], [&] { seen = queue.length(); }));
  EXPECT_EQ(seen, 1u);
  expect_range(queue, tasks, 0, 2);
}

TEST(R40, StoppedSpawningRefusesNewTasksOnly) {
  const FakeTasks tasks(5);
  InjectQueue queue;
  EXPECT_TRUE(queue.accepts_spawns());
  EXPECT_TRUE(queue.push_spawned(tasks[0]));
  EXPECT_TRUE(queue.stop_spawning());
  EXPECT_FALSE(queue.accepts_spawns());
  EXPECT_FALSE(queue.is_closed());
  bool asked = false;
  EXPECT_FALSE(queue.push_spawned_with(tasks[1], [&] { asked = true; }));
  EXPECT_FALSE(asked);
  EXPECT_TRUE(queue.push(tasks[1]));
  EXPECT_TRUE(push_chain(queue, tasks.chain(2, 5)));
  expect_range(queue, tasks, 0, 5);
}

TEST(R40, EachStepIsTakenByOneCaller) {
  InjectQueue queue;
  EXPECT_TRUE(queue.stop_spawning());
  EXPECT_FALSE(queue.stop_spawning());
  EXPECT_TRUE(queue.close());
  EXPECT_FALSE(queue.close());
  EXPECT_FALSE(queue.stop_spawning());
  EXPECT_TRUE(queue.is_closed());
}

TEST(R40, ClosingStopsSpawningToo) {
  InjectQueue queue;
  EXPECT_TRUE(queue.close());
  EXPECT_FALSE(queue.accepts_spawns());
  EXPECT_FALSE(queue.stop_spawning());
}

TEST(R41, ClosedQueueRefusesEverythingAndLeavesItToTheCaller) {
  const FakeTasks tasks(4);
  InjectQueue queue;
  EXPECT_TRUE(queue.push(tasks[0]));
  EXPECT_TRUE(queue.close());
  bool asked = false;
  EXPECT_FALSE(queue.push(tasks[1]));
  EXPECT_FALSE(queue.push_spawned(tasks[1]));
  EXPECT_FALSE(queue.push_if_open_with(tasks[1], [&] { asked = true; }));
  EXPECT_FALSE(asked);
  EXPECT_FALSE(push_chain(queue, tasks.chain(1, 4)));
  // What was queued before is still there.
  expect_range(queue, tasks, 0, 1);
}

TEST(R154, InjectionQueueKeepsOrderPopsPartlyAndDrains) {
  const FakeTasks tasks(6);
  InjectQueue queue;
  for (std::size_t i = 0; i < 6; ++i) EXPECT_TRUE(queue.push(tasks[i]));
  EXPECT_EQ(queue.pop(), tasks[0]);
  EXPECT_EQ(queue.pop_up_to(2).count, 2u);
  EXPECT_EQ(queue.length(), 3u);
  expect_range(queue, tasks, 3, 6);
}

#ifndef NDEBUG
TEST(R72, DestroyingItWithTasksIsFatal) {
  const FakeTasks tasks(1);
  const auto destroy = [&tasks] {
    InjectQueue queue;
    static_cast<void>(queue.push(tasks[0]));
  };
  EXPECT_DEATH(destroy(), "InjectQueue: destroyed with tasks in it");
}
#endif

}  // namespace
}  // namespace weft::internal
