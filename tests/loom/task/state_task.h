// StateTask: a task's state word with everything that it protects made visible to the checker.
//
// A task is its word and four things that the word's protocol keeps apart: the frame, the output,
// the memory of the block, and the run queue's hold on it. Here each of them is a Cell, in tracked
// memory, so an access that nothing orders, one after the end, and a block that is never given back
// are failures. The functions do what runtime/task/raw_task.cc does, with the same TaskState
// transitions in the same order; a resume of the frame is one write to its Cell.
//
// The run queue is an atomic word per task that orders nothing but itself and what was pushed: a
// pop acquires, as a pop from the real queues does.

#ifndef WEFT_TESTS_LOOM_TASK_STATE_TASK_H_
#define WEFT_TESTS_LOOM_TASK_STATE_TASK_H_

#include <cstdint>
#include <memory>
#include <utility>

#include <tests/loom/support/model.h>
#include <weft/loom/atomic.h>
#include <weft/loom/cell.h>
#include <weft/loom/checker/allocation.h>
#include <weft/runtime/task/task_state.h>
#include <weft/runtime/waker.h>

namespace weft::loom_test {

using internal::FrameHeader;
using internal::TaskState;

class StateTask {
 public:
  static constexpr std::uint32_t kRuntime = 7;

  // A new task; the caller holds NOTIFIED and JOIN_INTEREST.
  static StateTask* create(std::uint32_t runtime = kRuntime) {
    auto* const task = loom::checker::make<StateTask>();
    task->header()->set_ops(&kOps);
    task->state().init(runtime);
    return task;
  }
  StateTask() = default;
  StateTask(const StateTask&) = delete;
  StateTask& operator=(const StateTask&) = delete;
  ~StateTask() = default;

  FrameHeader* header() noexcept {
    // SAFETY(cast): as a block of the frame allocator, whose header is written field by field.
    return reinterpret_cast<FrameHeader*>(header_);
  }
  TaskState state() noexcept { return TaskState(*header()); }

  // The one queue that a NOTIFIED task is in. The caller holds NOTIFIED.
  void push() noexcept {
    use();
    const bool was_queued = queued_.exchange(true, std::memory_order_release);
    expect(!was_queued, "a task is in the queue twice");
  }
  // True: the caller now holds NOTIFIED.
  bool pop() noexcept { return queued_.exchange(false, std::memory_order_acquire); }

  // Polls a task that the caller took from the queue, as poll_task() does; `body(clones)` says
  // whether it has ended, and counts the wakers that it made. Queues it again if it was woken
  // meanwhile.
  template <class Body>
  void poll(Body&& body) {
    const TaskState::Start how = was_put_aside_ ? state().resume_deferred() : state().start();
    was_put_aside_ = false;
    if (how == TaskState::Start::kCancel) return cancel_and_complete();
    touch_frame();
    std::uint32_t clones = 0;
    if (std::forward<Body>(body)(clones)) {
      finish();
      complete(clones);
    } else if (suspend(clones)) {
      push();
    }
  }
  // One poll that ends in putting the task aside, as a yield does: the caller keeps RUNNING and
  // polls it again.
  void poll_and_put_aside() {
    expect(state().start() == TaskState::Start::kRun, "a task is cancelled that nobody aborted");
    put_aside();
  }
  void put_aside() {
    touch_frame();
    state().defer(0);
    was_put_aside_ = true;
  }
  // Cancels a task that the caller took from the queue, as cancel_task() does.
  void cancel_queued() {
    if (state().start() == TaskState::Start::kRun) state().mark_cancelled();
    cancel_and_complete();
  }
  void cancel_and_complete() {
    touch_frame();
    cancel();
    complete(0);
  }

  // --- As raw_task.cc, on the thread that holds RUNNING

  // One resume of the frame.
  void touch_frame() {
    frame_.with_mut([](int& resumes) { ++resumes; });
  }
  // The body has ended: the output is in place.
  void finish() {
    frame_.with_mut([](int& resumes) { resumes = kDead; });
    output_.with_mut([](int& output) { output = kOutput; });
  }
  void cancel() {
    frame_.with_mut([](int& resumes) { resumes = kDead; });
    output_.with_mut([](int& output) { output = kCancelled; });
  }
  void drop_output() {
    output_.with_mut([](int& output) {
      expect(output != kNone, "an output is destroyed twice, or before it is there");
      output = kNone;
    });
  }
  void complete(std::uint32_t cloned_wakers) {
    use();
    TaskState::Completion done = state().complete(cloned_wakers, [this] { drop_output(); });
    if (done.free_task) free();
    if (done.joiner) std::move(done.joiner).wake();
  }
  // True: it was woken meanwhile, and the caller holds NOTIFIED.
  bool suspend(std::uint32_t cloned_wakers) {
    use();
    return state().suspend(cloned_wakers) == TaskState::Suspend::kNotified;
  }

  // --- The JoinHandle

  // Reads the output of a complete task and gives the handle up. Whether it was cancelled.
  bool take_output() {
    const int output = output_.with_mut([](int& value) { return std::exchange(value, kNone); });
    expect(output == kOutput || output == kCancelled, "a complete task has no output");
    drop_join(false, /*has_output=*/false);
    return output == kCancelled;
  }
  void drop_join(bool unpublished, bool has_output = true) {
    use();
    const bool free_it = state().drop_join_interest(unpublished, [&] {
      if (has_output) drop_output();
    });
    if (free_it) free();
  }
  void abort() {
    use();
    if (state().abort() == TaskState::Wake::kSubmit) push();
  }

  // For a waker or abort handle that is made from a reference the caller holds.
  Waker waker() {
    state().retain();
    return adopt();
  }
  // The same for a reference that is already counted, or will be at the end of this poll.
  Waker adopt() noexcept { return Waker::adopt(header()); }
  static StateTask* of(Wakeable* target) noexcept {
    // SAFETY(cast): header_ is the first member, and kOps belongs to StateTasks only.
    return reinterpret_cast<StateTask*>(static_cast<FrameHeader*>(target));
  }

 private:
  static constexpr int kDead = -1;
  enum Output : int { kNone, kOutput, kCancelled };

  // Everything that has a reference uses the memory up to the moment when it gives it back.
  void use() const {
    memory_.with([](int) {});
  }
  void free() {
    memory_.with_mut([](int&) {});
    frame_.with([](int resumes) { expect(resumes == kDead, "a live frame is freed"); });
    output_.with([](int output) { expect(output == kNone, "an output leaks"); });
    // A later use of the word is found by its destruction.
    std::destroy_at(&header()->word());
    loom::checker::free(this);
  }

  static void wake(Wakeable* target) noexcept {
    StateTask* const task = of(target);
    task->use();
    switch (task->state().wake()) {
      case TaskState::Wake::kNothing:
        return;
      case TaskState::Wake::kSubmit:
        return task->push();
      case TaskState::Wake::kFree:
        return task->free();
    }
  }
  static void wake_by_ref(Wakeable* target) noexcept {
    StateTask* const task = of(target);
    task->use();
    if (task->state().wake_by_ref() == TaskState::Wake::kSubmit) task->push();
  }
  static void retain(Wakeable* target) noexcept { of(target)->state().retain(); }
  static void release(Wakeable* target) noexcept {
    StateTask* const task = of(target);
    task->use();
    if (task->state().release()) task->free();
  }
  static constexpr WakeOps kOps = {&wake, &wake_by_ref, &retain, &release};

  // Zero: the word of a free block.
  alignas(FrameHeader) unsigned char header_[sizeof(FrameHeader)] = {};
  // Written by whoever queues the task and by the worker.
  // release in push() -> acquire in pop(): as in every queue.
  loom::Atomic<bool> queued_{false};
  bool was_put_aside_ = false;  // the worker's
  loom::Cell<int> frame_{0};
  loom::Cell<int> output_{kNone};
  loom::Cell<int> memory_{0};
};

}  // namespace weft::loom_test

#endif  // WEFT_TESTS_LOOM_TASK_STATE_TASK_H_
