// The state word: aborting against running, waking and completing; and the walk at shutdown.
//
// Explored: an abort from another thread before, in and after a poll, together with a wake-up; a
// walk that claims idle tasks of a runtime whose workers have gone, while other threads wake,
// abort, join and drop. A claimed task is destroyed by the walk, any other is found in the queue:
// every task is cancelled exactly once, and its frame is touched by one thread at a time.
//
// Not explored here: blocks that change their role under the walk (frame_walk_loom.cc).

#include <tests/loom/support/model.h>
#include <tests/loom/sync/model_task.h>
#include <tests/loom/task/state_task.h>

namespace weft::loom_test {
namespace {

// A task that waits for ever.
struct Idle {
  StateTask& task = *StateTask::create();
  bool gone = false;

  Idle() { task.push(); }

  // A worker's turn: runs it, if it is queued, and to its end if it was cancelled.
  bool work() {
    if (gone || !task.pop()) return false;
    const bool cancelled = [&] {
      bool polled = false;
      task.poll([&](std::uint32_t&) {
        polled = true;
        return false;
      });
      return !polled;
    }();
    gone = cancelled;
    return true;
  }

  // Shutdown, when the workers have left: walks, then cancels what has been queued.
  void walk() {
    if (task.state().claim_for_shutdown(StateTask::kRuntime)) {
      task.cancel_and_complete();
      gone = true;
    }
  }
  void drain() {
    if (gone || !task.pop()) return;
    task.cancel_queued();
    gone = true;
  }
};

TEST(R112, AnAbortCancelsWhateverTheTaskIsDoing) {
  model([] {
    Idle idle;
    loom::Thread aborting = start([&] { idle.task.abort(); });
    idle.work();
    idle.work();
    aborting.join();
    while (idle.work()) continue;
    expect(idle.gone, "an aborted task goes on");
    expect(idle.task.take_output(), "an aborted task has a value");
  });
}

TEST(R112, AnAbortAndAWakeQueueTheTaskOnce) {
  model(bounded(3, std::nullopt), [] {
    Idle idle;
    Waker waker = idle.task.waker();
    loom::Thread aborting = start([&] { idle.task.abort(); });
    loom::Thread waking = start([woken = std::move(waker)]() mutable { std::move(woken).wake(); });
    idle.work();
    idle.work();
    aborting.join();
    waking.join();
    while (idle.work()) continue;
    expect(idle.gone, "an aborted task goes on");
    expect(idle.task.take_output(), "an aborted task has a value");
  });
}

// A task that ends by itself: the abort comes in time or not at all.
TEST(R112, AnAbortThatRacesTheEndLeavesOneResult) {
  bool cancelled_once = false;
  bool ended_once = false;
  model([&] {
    StateTask& task = *StateTask::create();
    task.push();
    loom::Thread aborting = start([&] { task.abort(); });
    expect(task.pop(), "a new task is queued");
    task.poll([](std::uint32_t&) { return true; });
    aborting.join();
    (task.take_output() ? cancelled_once : ended_once) = true;
  });
  EXPECT_TRUE(cancelled_once);
  EXPECT_TRUE(ended_once);
}

TEST(R113, AnAbortOfATaskThatWasPutAsideCancelsItsNextPoll) {
  model([] {
    StateTask& task = *StateTask::create();
    task.push();
    loom::Thread aborting = start([&] { task.abort(); });
    expect(task.pop(), "a new task is queued");
    if (task.state().start() == TaskState::Start::kCancel) {
      task.cancel_and_complete();
    } else {
      task.put_aside();
      bool polled = false;
      task.poll([&](std::uint32_t&) { return polled = true; });
      expect(polled || task.state().is_complete(), "a cancelled task is complete");
    }
    aborting.join();
    static_cast<void>(task.take_output());
  });
}

TEST(R119, TheWalkOrTheQueueCancelsATaskThatIsWoken) {
  bool walked_once = false;
  bool queued_once = false;
  model([&] {
    Idle idle;
    Waker waker = idle.task.waker();
    idle.work();
    loom::Thread waking = start([woken = std::move(waker)]() mutable { std::move(woken).wake(); });
    idle.walk();
    (idle.gone ? walked_once : queued_once) = true;
    waking.join();
    idle.drain();
    expect(idle.gone, "shutdown has overlooked a task");
    expect(idle.task.take_output(), "a cancelled task has a value");
  });
  EXPECT_TRUE(walked_once);
  EXPECT_TRUE(queued_once);
}

TEST(R119, TheWalkAndAnAbortCancelATaskOnce) {
  model([] {
    Idle idle;
    idle.work();
    loom::Thread aborting = start([&] { idle.task.abort(); });
    idle.walk();
    aborting.join();
    idle.drain();
    expect(idle.gone, "shutdown has overlooked a task");
    expect(idle.task.take_output(), "a cancelled task has a value");
  });
}

TEST(R119, TheWalkAndTheHandlesEndFreeATaskOnce) {
  model([] {
    Idle idle;
    Waker waker = idle.task.waker();
    idle.work();
    loom::Thread dropping = start([&, last = std::move(waker)]() mutable {
      last = Waker();
      idle.task.drop_join(/*unpublished=*/false);
    });
    idle.walk();
    expect(idle.gone, "shutdown has overlooked a task");
    dropping.join();
  });
}

TEST(R119, TheWalkAndAJoinerThatRegisters) {
  model([] {
    Idle idle;
    idle.work();
    CountingTask joiner;
    loom::Thread joining = start([&] {
      const Waker waker = joiner.waker();
      const TaskState::Join result = idle.task.state().set_join_waker(waker, false);
      if (result == TaskState::Join::kComplete) joiner.waker().wake();
    });
    idle.walk();
    expect(idle.gone, "a joiner keeps the walk from an idle task");
    joining.join();
    expect(joiner.wake_count() == 1,
           "the joiner of a task that shutdown cancels is not woken once");
    expect(idle.task.take_output(), "a cancelled task has a value");
  });
}

}  // namespace
}  // namespace weft::loom_test
