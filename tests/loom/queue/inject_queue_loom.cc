// InjectQueue: pushing, popping and closing from several threads; and what a sleeper may rely on.
//
// Explored: a wake-up and a spawn against the two steps of closing, which refuse or accept each of
// them for good; popping without the lock when the length reads zero; the hand-shake between a
// pusher and a worker about to sleep. The list itself is plain memory under the lock; the marks on
// the tasks are Cells, so that a task is seen with what its pusher did.
//
// Not explored: batches of more than two.

#include <array>

#include <tests/loom/support/model.h>
#include <tests/support/fake_tasks.h>
#include <weft/loom/atomic.h>
#include <weft/loom/cell.h>
#include <weft/runtime/scheduler/inject_queue.h>

namespace weft::loom_test {
namespace {

using internal::InjectQueue;
using internal::TaskChain;
using test_support::FakeTasks;

TEST(R72, TheLengthThatIsReadWithoutTheLockHidesNoTask) {
  model([] {
    FakeTasks tasks(3);
    std::array<loom::Cell<int>, 3> marks;
    InjectQueue queue;
    loom::Thread pusher = start([&] {
      marks[0].with_mut([](int& mark) { mark = 1; });
      expect(queue.push(tasks[0]), "an open queue refuses a task");
      TaskChain two = tasks.chain(1, 3);
      for (int i = 1; i < 3; ++i)
        marks[static_cast<std::size_t>(i)].with_mut([](int& m) { m = 1; });
      expect(queue.push_batch(two.first, two.last, two.count), "an open queue refuses a batch");
    });
    std::size_t popped = 0;
    const auto pop = [&] {
      internal::FrameHeader* const task = queue.pop();
      if (task == nullptr) return false;
      expect(task == tasks[popped], "the queue is not first in, first out");
      marks[popped++].with([](int mark) { expect(mark == 1, "the pusher's work is not seen"); });
      return true;
    };
    pop();
    pop();
    pusher.join();
    while (pop()) continue;
    expect(popped == 3, "a task is lost");
    expect(queue.length() == 0, "an empty queue has a length");
  });
}

TEST(R72, TwoThreadsThatPopShareTheTasks) {
  model(bounded(3, std::nullopt), [] {
    FakeTasks tasks(2);
    std::array<loom::Cell<int>, 2> taken;
    InjectQueue queue;
    const auto pop = [&] {
      if (internal::FrameHeader* const task = queue.pop()) {
        taken[static_cast<std::size_t>(tasks.index_of(task))].with_mut(
            [](int& count) { expect(count++ == 0, "a task is taken out twice"); });
      }
    };
    loom::Thread other = start([&] {
      pop();
      pop();
    });
    expect(queue.push(tasks[0]) && queue.push(tasks[1]), "an open queue refuses a task");
    pop();
    other.join();
    pop();
    pop();
    for (loom::Cell<int>& count : taken) {
      count.with([](int times) { expect(times == 1, "a task is lost"); });
    }
  });
}

// [I1], as for the local queue.
TEST(R72, APusherSeesTheSleeperOrTheSleeperSeesTheTask) {
  model([] {
    FakeTasks tasks(1);
    InjectQueue queue;
    loom::Atomic<int> sleepers{0};
    bool sleeper_saw_it = false;
    loom::Thread sleeper = start([&] {
      sleepers.fetch_add(1, std::memory_order_seq_cst);
      sleeper_saw_it = queue.length() != 0;
    });
    expect(queue.push(tasks[0]), "an open queue refuses a task");
    const bool saw_sleeper = sleepers.load(std::memory_order_seq_cst) != 0;
    sleeper.join();
    expect(saw_sleeper || sleeper_saw_it, "a task waits and everybody sleeps");
    expect(queue.pop() == tasks[0], "a task is lost");
  });
}

// Shutdown: what was accepted is found when the gate has been moved.
TEST(R40, ASpawnIsRefusedOrFoundByWhoStopsSpawning) {
  bool accepted_once = false;
  bool refused_once = false;
  model([&] {
    FakeTasks tasks(1);
    InjectQueue queue;
    bool accepted = false;
    loom::Cell<int> counted;
    loom::Thread spawner = start([&] {
      accepted =
          queue.push_spawned_with(tasks[0], [&] { counted.with_mut([](int& count) { ++count; }); });
    });
    expect(queue.stop_spawning(), "nobody else stops it");
    const bool found = queue.pop() != nullptr;
    counted.with([&](int count) {
      expect((count == 1) == found, "what changes together with the queue does not");
    });
    const bool may_spawn = queue.accepts_spawns();
    spawner.join();
    expect(accepted == found, "an accepted spawn is overlooked, or a refused one is queued");
    expect(!may_spawn, "spawning goes on after it was stopped");
    expect(queue.pop() == nullptr, "a spawn is accepted after spawning was stopped");
    (accepted ? accepted_once : refused_once) = true;
  });
  EXPECT_TRUE(accepted_once);
  EXPECT_TRUE(refused_once);
}

TEST(R39, AWakeIsAcceptedUntilTheQueueIsClosed) {
  model([] {
    FakeTasks tasks(1);
    InjectQueue queue;
    bool accepted = false;
    loom::Cell<int> before_closing;
    loom::Thread waker = start([&] {
      if (queue.is_closed()) before_closing.with([](int value) { expect(value == 1, "too old"); });
      accepted = queue.push(tasks[0]);
    });
    queue.stop_spawning();
    bool found = queue.pop() != nullptr;
    before_closing.with_mut([](int& value) { value = 1; });
    expect(queue.close(), "nobody else closes it");
    found = queue.pop() != nullptr || found;
    waker.join();
    expect(accepted == found, "an accepted wake-up is overlooked, or a refused one is queued");
  });
}

TEST(R39, OneOfTwoThreadsThatCloseIsTold) {
  model([] {
    InjectQueue queue;
    bool other_closed = false;
    loom::Thread other = start([&] { other_closed = queue.close(); });
    const bool closed = queue.close();
    other.join();
    expect(closed != other_closed, "both or none of two threads have closed it");
    expect(queue.is_closed(), "a closed queue is open");
  });
}

}  // namespace
}  // namespace weft::loom_test
