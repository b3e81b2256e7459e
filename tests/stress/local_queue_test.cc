// LocalQueue with real threads; run it under ThreadSanitizer. Rings of 4 slots go round all the
// time and overflow at every other push; rings of 256 are the real ones.

#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/fake_tasks.h>
#include <tests/support/threads.h>
#include <weft/loom/atomic.h>
#include <weft/loom/thread.h>
#include <weft/runtime/scheduler/local_queue.h>

namespace weft::internal {
namespace {

using test_support::FakeTasks;
using test_support::run_threads;

constexpr std::size_t kTasks = 100'000;
constexpr int kRounds = 10;

// Who ran which task: a plain counter each, so that a task that two threads have is a data race,
// too.
class Runs {
 public:
  explicit Runs(const FakeTasks& tasks) : tasks_(tasks), runs_(kTasks) {}

  void run(FrameHeader* task) {
    const auto index = static_cast<std::size_t>(tasks_.index_of(task));
    // Written by the owner before it pushed the task.
    EXPECT_EQ(task->id, index);
    ++runs_[index];
  }
  void expect_each_ran_once() const {
    std::size_t wrong = 0;
    for (const int count : runs_) wrong += count == 1 ? 0 : 1;
    EXPECT_EQ(wrong, 0u);
  }

 private:
  const FakeTasks& tasks_;
  std::vector<int> runs_;
};

template <class Queue>
void run_all(Queue& queue, Runs& runs) {
  while (FrameHeader* const task = queue.pop()) runs.run(task);
}

template <class Queue>
void push_or_overflow(Queue& queue, FrameHeader* task, bool fenced, Runs& runs) {
  while (!(fenced ? queue.push(task) : queue.push_unfenced(task))) {
    TaskChain half = queue.overflow(task);
    if (half.empty()) continue;  // a thief was there: there is room, or soon will be
    while (FrameHeader* const taken = half.pop_front()) runs.run(taken);
    return;
  }
}

template <class Queue>
void own(Queue& queue, const FakeTasks& tasks, Runs& runs) {
  for (std::size_t i = 0; i < kTasks; ++i) {
    tasks[i]->id = i;
    push_or_overflow(queue, tasks[i], i % 3 != 0, runs);
    if (i % 5 == 0) {
      if (FrameHeader* const task = queue.pop()) runs.run(task);
    }
  }
  run_all(queue, runs);
}

template <class Queue>
void steal_until(loom::Atomic<bool>& ended, Queue& victim, Runs& runs) {
  Queue own;
  while (!ended.load(std::memory_order_acquire)) {
    FrameHeader* const task = victim.steal_into(own);
    if (task == nullptr) {
      loom::yield_thread();
      continue;
    }
    runs.run(task);
    run_all(own, runs);
  }
}

template <class Queue>
void expect_nothing_lost() {
  const FakeTasks tasks(kTasks);
  for (int round = 0; round < kRounds; ++round) {
    Queue queue;
    Runs runs(tasks);
    loom::Atomic<bool> ended{false};
    run_threads(3, [&](int thread) {
      if (thread == 0) {
        own(queue, tasks, runs);
        // Empty now, and nobody will push: what thieves have claimed they run.
        ended.store(true, std::memory_order_release);
      } else {
        steal_until(ended, queue, runs);
      }
    });
    runs.expect_each_ran_once();
  }
}

TEST(R154, OwnerAndTwoThievesLoseAndDuplicateNothing) { expect_nothing_lost<LocalQueue>(); }

TEST(R154, NorDoTheyInAVerySmallRing) { expect_nothing_lost<BasicLocalQueue<4>>(); }

// Three workers, each owner of a queue and thief of the other two: a steal meets overflows, steals
// from the same victim, and steals from the thief.
template <class Queue>
void expect_nothing_lost_among_workers() {
  constexpr int kWorkers = 3;
  const FakeTasks tasks(kTasks);
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Queue> queues(kWorkers);
    Runs runs(tasks);
    loom::Atomic<int> at_work{kWorkers};
    run_threads(kWorkers, [&](int self) {
      Queue& queue = queues[self];
      for (std::size_t i = static_cast<std::size_t>(self); i < kTasks; i += kWorkers) {
        tasks[i]->id = i;
        push_or_overflow(queue, tasks[i], true, runs);
        if (i % 2 == 0) continue;
        if (FrameHeader* const task = queue.pop()) runs.run(task);
        FrameHeader* const stolen = queues[(self + 1) % kWorkers].steal_into(queue);
        if (stolen != nullptr) runs.run(stolen);
      }
      run_all(queue, runs);
      at_work.fetch_sub(1, std::memory_order_acq_rel);
      while (at_work.load(std::memory_order_acquire) != 0) {
        FrameHeader* const stolen = queues[(self + 2) % kWorkers].steal_into(queue);
        if (stolen != nullptr) runs.run(stolen);
        run_all(queue, runs);
        loom::yield_thread();
      }
    });
    runs.expect_each_ran_once();
  }
}

TEST(R70, WorkersThatStealFromEachOtherLoseNothing) {
  expect_nothing_lost_among_workers<LocalQueue>();
}

TEST(R70, NorDoTheyFromVerySmallRings) { expect_nothing_lost_among_workers<BasicLocalQueue<4>>(); }

}  // namespace
}  // namespace weft::internal
