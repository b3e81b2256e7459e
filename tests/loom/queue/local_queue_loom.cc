// LocalQueue: its owner against one and two thieves.
//
// Explored: tokio's four situations (LM-12 to LM-15), with rings of 4 slots, and cursors that begin
// just below their largest value so that they wrap on the way. The slots are Cells: two threads at
// one slot are found. Each task is taken exactly once, which an atomic mark on it says.
//
// Not explored: cursors that go around completely while a thief sleeps (2^32 pushes); waking of
// other workers after a push, which is the scheduler's (tests/loom/scheduler).

#include <array>
#include <cstddef>

#include <tests/loom/support/model.h>
#include <tests/support/fake_tasks.h>
#include <weft/loom/atomic.h>
#include <weft/loom/cell.h>
#include <weft/runtime/scheduler/local_queue.h>

namespace weft::loom_test {
namespace {

using internal::FrameHeader;
using internal::TaskChain;
using test_support::FakeTasks;
using Queue = internal::BasicLocalQueue<4>;

// Tasks 0, 1, ..., and how often each has been taken out.
class Tasks {
 public:
  static constexpr std::size_t kMost = 8;

  FrameHeader* operator[](std::size_t index) const { return tasks_[index]; }

  // Notes that the caller has got `task`, which may be null. Whether it did.
  bool take(FrameHeader* task) {
    const std::ptrdiff_t index = tasks_.index_of(task);
    if (index < 0) return false;
    // Nothing else orders the taker behind who pushed it than the queue itself.
    taken_[static_cast<std::size_t>(index)].with_mut(
        [](int& count) { expect(count++ == 0, "a task is taken out twice"); });
    return true;
  }
  void take_all(TaskChain chain) {
    while (FrameHeader* const task = chain.pop_front()) take(task);
  }
  void expect_taken(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      taken_[i].with([](int times) { expect(times == 1, "a task is lost"); });
    }
  }

 private:
  FakeTasks tasks_{kMost};
  std::array<loom::Cell<int>, kMost> taken_;
};

// As a worker does: what does not fit goes to the injection queue, here at once to its end.
void push(Queue& queue, Tasks& tasks, std::size_t index) {
  FrameHeader* const task = tasks[index];
  while (!queue.push(task)) {
    const TaskChain half = queue.overflow(task);
    if (half.empty()) {
      tasks.take(task);
    } else {
      tasks.take_all(half);
    }
    return;
  }
}

void pop_all(Queue& queue, Tasks& tasks) {
  while (tasks.take(queue.pop())) continue;
}

// Moves the cursors of an empty queue to just below their largest value.
class WrappingQueue : public Queue {
 public:
  WrappingQueue() { start_at(static_cast<std::uint32_t>(-2)); }
};

// A thief with a queue of its own, as every worker has.
class Thief {
 public:
  bool steal_from(Queue& victim, Tasks& tasks) {
    const bool got_one = tasks.take(victim.steal_into(own_));
    pop_all(own_, tasks);
    return got_one;
  }

 private:
  WrappingQueue own_;
};

TEST(LM12, TheOwnerPushesPopsAndOverflowsAgainstAThief) {
  bool stolen_once = false;
  model(bounded(2, 3), [&] {
    WrappingQueue queue;
    Tasks tasks;
    loom::Thread thief = start([&] {
      Thief own;
      for (int i = 0; i < 3; ++i) stolen_once |= own.steal_from(queue, tasks);
    });
    for (std::size_t i = 0; i < 2; ++i) {
      push(queue, tasks, i);
      push(queue, tasks, i + 2);
      tasks.take(queue.pop());
    }
    push(queue, tasks, 4);
    push(queue, tasks, 5);
    pop_all(queue, tasks);
    thief.join();
    pop_all(queue, tasks);
    tasks.expect_taken(6);
  });
  EXPECT_TRUE(stolen_once);
}

TEST(LM13, AnOverflowRacesOneSteal) {
  bool overflowed_once = false;
  bool stolen_once = false;
  model([&] {
    WrappingQueue queue;
    Tasks tasks;
    push(queue, tasks, 0);
    tasks.take(queue.pop());
    loom::Thread thief = start([&] {
      Thief own;
      stolen_once |= own.steal_from(queue, tasks);
    });
    for (std::size_t i = 1; i < 7; ++i) {
      if (queue.push(tasks[i])) continue;
      const TaskChain half = queue.overflow(tasks[i]);
      overflowed_once |= !half.empty();
      half.empty() ? static_cast<void>(tasks.take(tasks[i])) : tasks.take_all(half);
    }
    thief.join();
    pop_all(queue, tasks);
    tasks.expect_taken(7);
  });
  EXPECT_TRUE(overflowed_once);
  EXPECT_TRUE(stolen_once);
}

TEST(LM14, TwoThievesAndTheOwner) {
  bool both_once = false;
  model(bounded(2, 3), [&] {
    WrappingQueue queue;
    Tasks tasks;
    bool first_stole = false;
    bool second_stole = false;
    loom::Thread first = start([&] {
      Thief own;
      first_stole = own.steal_from(queue, tasks);
    });
    loom::Thread second = start([&] {
      Thief own;
      second_stole = own.steal_from(queue, tasks);
    });
    for (std::size_t i = 0; i < 5; ++i) push(queue, tasks, i);
    tasks.take(queue.pop());
    tasks.take(queue.pop());
    first.join();
    second.join();
    pop_all(queue, tasks);
    tasks.expect_taken(5);
    both_once |= first_stole && second_stole;
  });
  EXPECT_TRUE(both_once);
}

// A thief steals from the first queue while its owner drains it, and then from the second.
TEST(LM15, AThiefGoesFromOneFullQueueToTheNext) {
  model([] {
    WrappingQueue first;
    WrappingQueue second;
    Tasks tasks;
    for (std::size_t i = 0; i < 4; ++i) push(first, tasks, i);
    for (std::size_t i = 4; i < 8; ++i) push(second, tasks, i);
    loom::Thread thief = start([&] {
      Thief own;
      own.steal_from(first, tasks);
      own.steal_from(second, tasks);
    });
    pop_all(first, tasks);
    thief.join();
    pop_all(first, tasks);
    pop_all(second, tasks);
    tasks.expect_taken(8);
  });
}

// Stealing from a worker that is stealing: two workers, each from the other.
TEST(LM15, TwoWorkersStealFromEachOther) {
  model([] {
    WrappingQueue first;
    WrappingQueue second;
    Tasks tasks;
    push(first, tasks, 0);
    push(first, tasks, 1);
    push(second, tasks, 2);
    push(second, tasks, 3);
    loom::Thread other = start([&] {
      tasks.take(first.steal_into(second));
      pop_all(second, tasks);
    });
    tasks.take(second.steal_into(first));
    pop_all(first, tasks);
    other.join();
    pop_all(second, tasks);
    pop_all(first, tasks);
    tasks.expect_taken(4);
  });
}

// A third worker steals what a thief has just put into its own queue.
TEST(LM15, WhatWasStolenIsStolenOn) {
  model([] {
    WrappingQueue first;
    WrappingQueue second;
    WrappingQueue third;
    Tasks tasks;
    for (std::size_t i = 0; i < 4; ++i) push(first, tasks, i);
    loom::Thread thief = start([&] { tasks.take(first.steal_into(second)); });
    tasks.take(second.steal_into(third));
    thief.join();
    pop_all(first, tasks);
    pop_all(second, tasks);
    pop_all(third, tasks);
    tasks.expect_taken(4);
  });
}

// A batch that the owner took from the injection queue is stolen like what it pushed.
TEST(LM14, ABatchIsSeenByAThiefAsAWhole) {
  model([] {
    WrappingQueue queue;
    Tasks tasks;
    loom::Thread thief = start([&] {
      Thief own;
      own.steal_from(queue, tasks);
      own.steal_from(queue, tasks);
    });
    TaskChain batch;
    for (std::size_t i = 0; i < 3; ++i) batch.push_back(tasks[i]);
    queue.push_batch(batch);
    tasks.take(queue.pop());
    thief.join();
    pop_all(queue, tasks);
    tasks.expect_taken(3);
  });
}

// [Q1]: the pusher looks for sleepers after its push, the sleeper for tasks after it said so.
TEST(R67, APusherSeesTheSleeperOrTheSleeperSeesTheTask) {
  model([] {
    WrappingQueue queue;
    Tasks tasks;
    // relaxed elsewhere: the scheduler's idle word, with the two accesses that the queue asks for.
    loom::Atomic<int> sleepers{0};
    bool sleeper_saw_it = false;
    loom::Thread sleeper = start([&] {
      sleepers.fetch_add(1, std::memory_order_seq_cst);
      sleeper_saw_it = !queue.empty();
    });
    expect(queue.push(tasks[0]), "an empty queue is full");
    const bool saw_sleeper = sleepers.load(std::memory_order_seq_cst) != 0;
    sleeper.join();
    expect(saw_sleeper || sleeper_saw_it, "a task waits and everybody sleeps");
    pop_all(queue, tasks);
  });
}

}  // namespace
}  // namespace weft::loom_test
