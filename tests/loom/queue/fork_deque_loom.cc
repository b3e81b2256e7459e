// ForkDeque: its owner against thieves.
//
// Explored: the owner takes back what it has put in, newest first, while one or two thieves take
// the oldest, down to the last one that both want; with a ring of 4 slots that is used again. Each
// task is taken exactly once, and who takes it sees what its pusher wrote. Not explored: waking of
// other workers after a push, which is the scheduler's.

#include <array>
#include <cstddef>

#include <tests/loom/support/model.h>
#include <tests/support/fake_tasks.h>
#include <weft/loom/cell.h>
#include <weft/runtime/scheduler/fork_deque.h>

namespace weft::loom_test {
namespace {

using internal::ForkDeque;
using internal::FrameHeader;
using test_support::FakeTasks;

class Tasks {
 public:
  static constexpr std::size_t kMost = 8;

  // As a spawner: writes what the task's runner will read.
  bool push(ForkDeque& deque, std::size_t index) {
    taken_[index].with_mut([](int& count) { count = 0; });
    return deque.push(tasks_[index]);
  }
  // Whether the caller has got one.
  bool take(FrameHeader* task) {
    const std::ptrdiff_t index = tasks_.index_of(task);
    if (index < 0) return false;
    taken_[static_cast<std::size_t>(index)].with_mut(
        [](int& count) { expect(count++ == 0, "a task is taken out twice"); });
    return true;
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

TEST(R167, TheOwnerAndAThiefShareTheForksOfADeque) {
  model(bounded(3, std::nullopt), [] {
    ForkDeque deque;
    Tasks tasks;
    loom::Thread thief = start([&] {
      for (int i = 0; i < 2; ++i) tasks.take(deque.steal());
    });
    for (std::size_t i = 0; i < 2; ++i) expect(tasks.push(deque, i), "there is room");
    tasks.take(deque.pop());
    expect(tasks.push(deque, 2), "there is room");
    while (tasks.take(deque.pop())) {
    }
    thief.join();
    expect(deque.empty(), "a task is left");
    tasks.expect_taken(3);
  });
}

TEST(R167, TwoThievesAndTheOwnerWantTheLastFork) {
  model(bounded(2, 3), [] {
    ForkDeque deque;
    Tasks tasks;
    expect(tasks.push(deque, 0), "there is room");
    loom::Thread first = start([&] { tasks.take(deque.steal()); });
    loom::Thread second = start([&] { tasks.take(deque.steal()); });
    tasks.take(deque.pop());
    expect(tasks.push(deque, 1), "there is room");
    tasks.take(deque.pop());
    first.join();
    second.join();
    while (tasks.take(deque.pop())) {
    }
    tasks.expect_taken(2);
  });
}

TEST(R167, SlotsOfADequeAreUsedAgainOnlyAfterTheyWereRead) {
  model(bounded(2, 3), [] {
    ForkDeque deque;
    Tasks tasks;
    for (std::size_t i = 0; i < 4; ++i) expect(tasks.push(deque, i), "there is room");
    loom::Thread thief = start([&] {
      for (int i = 0; i < 2; ++i) tasks.take(deque.steal());
    });
    std::size_t pushed = 4;
    for (int i = 0; i < 2; ++i) {
      if (tasks.push(deque, pushed)) ++pushed;
    }
    thief.join();
    while (tasks.take(deque.pop())) {
    }
    tasks.expect_taken(pushed);
  });
}

}  // namespace
}  // namespace weft::loom_test
