// ScopeCore: the children of one scope, counted and found again.
//
// Spec.
//
// A child is an ordinary task of the runtime; only its home is the scope, which passes it on to the
// scheduler and hears of its end. Three things are shared between the thread that polls the scope
// (there is one at a time: whoever runs the task that awaits it) and the threads that its children
// run on:
//
// How many children live. The poller's own spawns and ends (the body spawns, and so do children
// that the poller runs) are counted in open_, without an atomic operation; those of other threads
// in balance_, so that  live = open_ + balance_ / kChild,  where balance_ may be negative. When the
// body has ended and children are left, the poller adds open_ to balance_, with kWaiting, once and
// for all. From then on whoever counts balance_ down to no child is the last one: it takes the
// poller's waker, sets kAllEnded as its last touch of the scope, and wakes. The poller goes on only
// when it sees that flag, or when nobody can be about to set it.
//
// The first failure: guarded by mu_, and has_failed_ tells that there is one.
//
// Which children there are, for the poller to cancel them all: a registry, guarded by mu_. A child
// that begins after the scope has been cancelled is not in it, and is cancelled then.
//
// On a worker, the poller's children begin as forks (scheduler/fork_deque.h): other workers steal
// the oldest, and where the poller has to wait it runs the newest itself, inside its own poll. A
// fork is registered when somebody else takes it, or when it is suspended. So one that ends in its
// first poll, as in fork-join computations most do, costs no lock and, if it was the last one
// spawned, no atomic read-modify-write.
//
//   pairing  [SC1] release in every change of balance_ -> acquire by the poller that finds no child
//                  left: all that the children did, and their use of the scope, is over.
//            [SC2] release in fail() -> acquire in has_failed(): the exception.

#ifndef WEFT_TASK_INTERNAL_SCOPE_CORE_H_
#define WEFT_TASK_INTERNAL_SCOPE_CORE_H_

#include <cstddef>
#include <cstdint>
#include <exception>
#include <source_location>

#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/context.h>
#include <weft/runtime/scheduler/scheduler.h>
#include <weft/runtime/task/raw_task.h>
#include <weft/runtime/task/task_home.h>
#include <weft/runtime/task/task_registry.h>
#include <weft/runtime/waker_slot.h>

namespace weft::internal {

class Worker;

// Immovable. Destroyed when no child lives; anything else is a check failure.
class ScopeCore final : public TaskHome {
 public:
  ScopeCore(Scheduler& scheduler, std::source_location where) noexcept;
  ~ScopeCore();

  // As TaskHome says. schedule_new() is for the poller and for children.
  void schedule(FrameHeader* task) noexcept override;
  void schedule_new(FrameHeader* task, ThreadContext& context) noexcept override;
  void becomes_shared(FrameHeader* task) noexcept override;
  void task_was_cancelled() noexcept override;
  void task_has_ended(ThreadContext& context) noexcept override;

  // A child, or the body, threw. The first one counts. Any thread.
  void fail(std::exception_ptr exception) noexcept;
  bool has_failed() const noexcept { return has_failed_.load(std::memory_order_acquire); }  // [SC2]
  // What was thrown first, once no child lives; null if nothing.
  std::exception_ptr take_failure() noexcept { return std::move(failure_); }

  // --- The poller

  // Between the two, this thread's spawns and ends are the poller's own.
  void begin_poll(ThreadContext& context) noexcept {
    // relaxed, here and below: a thread asks only whether it is its own context that it finds here.
    poller_.store(&context, std::memory_order_relaxed);
  }
  void end_poll() noexcept {
    if (forks_ != 0) [[unlikely]]
      leave_forks();
    poller_.store(nullptr, std::memory_order_relaxed);
  }
  // Runs children that nobody else has taken. True: at least one.
  bool run_children(ThreadContext& context) noexcept { return forks_ != 0 && run_forks(context); }

  // From now on, `cx` is woken when a child throws, and when the last one has ended.
  void register_poller(Context& cx) noexcept { waker_.register_waker(cx); }
  // Cancels all children; those that are spawned later end before they begin.
  void cancel_all() noexcept;
  bool is_cancelled() const noexcept { return is_cancelled_; }
  // True: no child lives. False: `cx` is woken when that is so; after the first false answer the
  // body must not run any more.
  bool poll_children(Context& cx) noexcept;
  // After poll_children() has answered true: children may be spawned and waited for once more, by
  // destructors of the body's frame.
  void reopen() noexcept;
  // Whether children live, or still touch the scope.
  bool has_children() const noexcept;

 private:
  static constexpr std::int64_t kAllEnded = 1;
  static constexpr std::int64_t kWaiting = 2;
  static constexpr std::int64_t kChild = 4;
  static constexpr std::int64_t kFlags = kAllEnded | kWaiting;

  bool is_poller(const ThreadContext& context) const noexcept {
    return poller_.load(std::memory_order_relaxed) == &context;  // relaxed: see begin_poll()
  }
  // The worker that this thread holds, if it is one of our runtime's.
  Worker* own_worker(const ThreadContext& context) const noexcept;
  bool run_forks(ThreadContext& context) noexcept;
  void leave_forks() noexcept;

  Scheduler& scheduler_;  // lives at least until our last child has ended
  const std::source_location where_;

  // The poller's, or, while it is in begin_poll() .. end_poll(), that thread's.
  std::int64_t open_ = 0;
  std::size_t forks_ = 0;    // at most so many of them may be taken back from the worker
  bool is_waiting_ = false;  // open_ is in balance_
  bool is_cancelled_ = false;

  // Shared; see the head of this file.
  loom::Atomic<ThreadContext*> poller_{nullptr};
  loom::Atomic<std::int64_t> balance_{0};
  loom::Atomic<bool> has_failed_{false};
  WakerSlot waker_;
  loom::Mutex mu_;
  // Guarded by mu_; after takes_no_more_ the poller's.
  bool takes_no_more_ = false;
  TaskRegistry children_;
  std::exception_ptr failure_;  // guarded by mu_, while children live
};

inline ScopeCore& scope_of(FrameHeader* child) noexcept {
  // SAFETY(cast): used for tasks with kScopedTaskOps only, whose home is a scope.
  return *static_cast<ScopeCore*>(child->home);
}

template <class T>
void finish_scoped_task(FrameHeader* task) noexcept {
  finish_task<T>(task);
  // Before the handle can take it.
  if (task->outcome == Outcome::kException) [[unlikely]]
    scope_of(task).fail(TaskPromise<T>::result_of(task).exception);
}

// What a child's state word and handles need; see task/raw_task.h.
template <class T>
inline constexpr TaskOps kScopedTaskOps{
    {&wake_task, &wake_task_by_ref, &retain_task, &release_task},
    &finish_scoped_task<T>,
    &drop_task_output<T>};

}  // namespace weft::internal

#endif  // WEFT_TASK_INTERNAL_SCOPE_CORE_H_
