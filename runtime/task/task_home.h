// TaskHome: where a task is queued when it is woken, and who is told that it has ended.
//
// Spec, T-22..T-30; R-167.
//
// Every spawned task refers to one. It is a runtime's scheduler, or something that stands between
// the task and a scheduler: a LocalSet, which runs its tasks itself, or a scope, which passes them
// on and waits for their end. The task's cell, its state word and all that handles and wakers do
// with it are the same in each case.
//
// A home lives at least until its last task has ended: after task_has_ended() the task does not
// refer to it any more.

#ifndef WEFT_RUNTIME_TASK_TASK_HOME_H_
#define WEFT_RUNTIME_TASK_TASK_HOME_H_

#include <cstdint>

#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/scheduler/config.h>

namespace weft::internal {

struct ThreadContext;

class TaskHome {
 public:
  TaskHome(const TaskHome&) = delete;
  TaskHome& operator=(const TaskHome&) = delete;

  // Queues a task that has become NOTIFIED. Any thread.
  virtual void schedule(FrameHeader* task) noexcept = 0;
  // Queues a new task, or cancels it if the home is being closed. `context`: the calling
  // thread's.
  virtual void schedule_new(FrameHeader* task, ThreadContext& context) noexcept = 0;
  // A task that was spawned as a fork (scheduler/fork_deque.h) has been taken by somebody else than
  // its home, or has been run by it and is about to be suspended. Any thread; the task has not
  // begun there, or is running on this one.
  virtual void becomes_shared(FrameHeader*) noexcept {}
  // An exception has left a task that has just ended; comes before task_has_ended().
  virtual void task_threw() noexcept {}
  // A task has ended by being cancelled; comes before task_has_ended(). Any thread.
  virtual void task_was_cancelled() noexcept {}
  // A dump gives back a task of this home that it has held RUNNING: as a poll that did nothing. Any
  // thread.
  virtual void take_back(FrameHeader* task) noexcept;
  // Counts an ended task; called on the thread that completed it, as the last thing.
  virtual void task_has_ended(ThreadContext& context) noexcept = 0;

  // Null if there are none, which is the usual case.
  const TaskHooks* hooks() const noexcept { return hooks_; }
  // What the words of its tasks carry, for the walk of a runtime that is stopping
  // (TaskState::claim_for_shutdown). Unique among live runtimes; kNoWalk where no runtime's end is
  // theirs. Dumps find those too.
  std::uint32_t task_owner_id() const noexcept { return task_owner_id_; }

  static constexpr std::uint32_t kNoWalk = 0;

 protected:
  explicit TaskHome(std::uint32_t owner_id, const TaskHooks* hooks = nullptr) noexcept
      : hooks_(hooks), task_owner_id_(owner_id) {}
  ~TaskHome() = default;

  void set_hooks(const TaskHooks* hooks) noexcept { hooks_ = hooks; }

 private:
  const TaskHooks* hooks_;
  const std::uint32_t task_owner_id_;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_TASK_TASK_HOME_H_
