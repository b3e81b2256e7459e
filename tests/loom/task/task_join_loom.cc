// The state word: the JoinHandle against the task's end.
//
// Explored: a task that completes on one thread, while its JoinHandle on another stores a waker,
// replaces it, or is dropped with one stored; and an output that has to be taken or destroyed by
// exactly one of the two. The output, the joiner's count of wakers, and the block's memory are
// checked. A JoinHandle is used by one thread at a time, and so it is here.
//
// Not explored: what the joiner does when it is woken.

#include <tests/loom/support/model.h>
#include <tests/loom/sync/model_task.h>
#include <tests/loom/task/state_task.h>

namespace weft::loom_test {
namespace {

// Runs the queued `task` to its end; `clones` wakers of it were made in its poll.
void run_to_the_end(StateTask& task, std::uint32_t clones = 0) {
  expect(task.pop(), "a new task is queued");
  task.poll([clones](std::uint32_t& made) {
    made = clones;
    return true;
  });
}

StateTask& queued_task() {
  StateTask* const task = StateTask::create();
  task->push();
  return *task;
}

// One poll of a JoinHandle, as poll_join(): true if the task is complete.
bool poll_join(StateTask& task, const CountingTask& joiner) {
  if (task.state().is_complete()) return true;
  const Waker waker = joiner.waker();
  if (task.state().join_waker_is(waker)) return false;
  return task.state().set_join_waker(waker, /*unpublished=*/false) == TaskState::Join::kComplete;
}

// The joiner after its polls: woken and complete, then without a trace.
void finish_join(StateTask& task, CountingTask& joiner, bool was_complete) {
  expect(was_complete || joiner.wake_count() == 1, "the end of the task has not woken the joiner");
  expect(task.state().is_complete(), "the joiner was woken before the end");
  expect(!task.take_output(), "a task was cancelled that nobody aborted");
  expect(joiner.waker_count() == 0, "a waker of the joiner leaks");
}

TEST(R116, AStoredWakerIsWokenByTheEnd) {
  model([] {
    StateTask& task = queued_task();
    CountingTask joiner;
    loom::Thread worker = start([&] { run_to_the_end(task); });
    const bool complete = poll_join(task, joiner);
    worker.join();
    finish_join(task, joiner, complete);
  });
}

// Who finds the task complete takes the output there and then.
TEST(R116, TheOutputOfATaskThatIsCompleteIsTakenAtOnce) {
  bool taken_at_once = false;
  model([&] {
    StateTask& task = queued_task();
    loom::Thread worker = start([&] { run_to_the_end(task); });
    const bool complete = task.state().is_complete();
    if (complete) task.take_output();
    worker.join();
    if (!complete) task.take_output();
    taken_at_once |= complete;
  });
  EXPECT_TRUE(taken_at_once);
}

// Polled twice by the same task, the second time while a waker is stored already.
TEST(R116, ASecondPollByTheSameTaskStoresNothing) {
  model([] {
    StateTask& task = queued_task();
    CountingTask joiner;
    loom::Thread worker = start([&] { run_to_the_end(task); });
    const bool complete = poll_join(task, joiner) || poll_join(task, joiner);
    worker.join();
    finish_join(task, joiner, complete);
  });
}

TEST(R117, AReplacedWakerIsNotWokenAndTheNewOneIs) {
  bool replaced_in_time = false;
  model([&] {
    StateTask& task = queued_task();
    CountingTask first;
    CountingTask second;
    loom::Thread worker = start([&] { run_to_the_end(task); });
    bool complete = poll_join(task, first);
    if (!complete) complete = poll_join(task, second);
    worker.join();
    if (!complete) {
      expect(first.wake_count() == 0, "the joiner that was replaced is woken");
      replaced_in_time = true;
    }
    expect(first.waker_count() == 0, "the replaced waker leaks");
    finish_join(task, second, complete);
  });
  EXPECT_TRUE(replaced_in_time);
}

// There and back: the field holds the first waker again, which must not fool the completion.
TEST(R117, AWakerThatIsReplacedAndPutBackIsWokenOnce) {
  model(bounded(3, std::nullopt), [] {
    StateTask& task = queued_task();
    CountingTask first;
    CountingTask second;
    loom::Thread worker = start([&] { run_to_the_end(task); });
    bool complete = poll_join(task, first);
    if (!complete) complete = poll_join(task, second);
    if (!complete) complete = poll_join(task, first);
    worker.join();
    expect(second.waker_count() == 0, "the replaced waker leaks");
    finish_join(task, first, complete);
  });
}

TEST(LM18, AHandleWithAStoredWakerIsDroppedWhileTheTaskEnds) {
  model([] {
    StateTask& task = queued_task();
    CountingTask joiner;
    expect(!poll_join(task, joiner), "the task has not run");
    loom::Thread dropper = start([&] { task.drop_join(/*unpublished=*/false); });
    run_to_the_end(task);
    dropper.join();
    expect(joiner.waker_count() == 0, "the stored waker was not given back once");
    expect(joiner.wake_count() <= 1, "the joiner is woken twice");
  });
}

// The same with a waker that has been replaced, which keeps the completion at work for longer.
TEST(LM18, AHandleWithAReplacedWakerIsDroppedWhileTheTaskEnds) {
  model([] {
    StateTask& task = queued_task();
    CountingTask first;
    CountingTask second;
    expect(!poll_join(task, first) && !poll_join(task, second), "the task has not run");
    loom::Thread dropper = start([&] { task.drop_join(/*unpublished=*/false); });
    run_to_the_end(task);
    dropper.join();
    expect(first.waker_count() == 0 && second.waker_count() == 0,
           "a stored waker was not given back once");
    expect(first.wake_count() == 0 && second.wake_count() <= 1, "the wrong joiner is woken");
  });
}

TEST(R118, TheOutputIsDestroyedByTheHandleOrByTheEnd) {
  model([] {
    StateTask& task = queued_task();
    loom::Thread dropper = start([&] { task.drop_join(/*unpublished=*/false); });
    run_to_the_end(task);
    dropper.join();
  });
}

// And a waker of the task, made in its last poll, that goes at the same time.
TEST(R118, TheHandleAndAWakerGoWhileTheTaskEnds) {
  model(bounded(3, std::nullopt), [] {
    StateTask& task = queued_task();
    Waker waker = task.waker();
    loom::Thread dropper = start([&] { task.drop_join(/*unpublished=*/false); });
    loom::Thread waking = start([woken = std::move(waker)]() mutable { std::move(woken).wake(); });
    run_to_the_end(task);
    dropper.join();
    waking.join();
  });
}

// A waker that was cloned in the last poll is counted by the completion, and used before that.
TEST(R118, TheHandleGoesWhileAWakerOfTheLastPollIsUsed) {
  model(bounded(3, std::nullopt), [] {
    StateTask& task = queued_task();
    loom::Thread dropper = start([&] { task.drop_join(/*unpublished=*/false); });
    expect(task.pop(), "a new task is queued");
    loom::Thread waking;
    task.poll([&](std::uint32_t& clones) {
      clones = 1;
      waking = start([woken = task.adopt()]() mutable { std::move(woken).wake(); });
      return true;
    });
    dropper.join();
    waking.join();
  });
}

}  // namespace
}  // namespace weft::loom_test
