#include <weft/runtime/task/raw_task.h>

#include <weft/base/check.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/observe/observer.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/task/task_home.h>
#include <weft/runtime/task/task_hooks.h>
#include <weft/runtime/task/task_ids.h>
#include <weft/runtime/task/task_names.h>
#include <weft/runtime/task/task_state.h>

namespace weft::internal {
namespace {

FrameHeader* as_task(Wakeable* target) noexcept {
  // SAFETY(cast): these functions are in the WakeOps of tasks only.
  return static_cast<FrameHeader*>(target);
}

// Queues a task that has just become NOTIFIED.
void submit(FrameHeader* task) noexcept {
  TaskHome* const home = task->home;
  if (const TaskHooks* const hooks = home->hooks(); hooks != nullptr) [[unlikely]]
    return submit_hooked(task, *hooks);
  home->schedule(task);
}

// The budget of the poll that runs on this thread, for code that has no Context.
class BudgetScope {
 public:
  BudgetScope(Budget* budget, ThreadContext& context) noexcept
      : context_(context), outer_(std::exchange(context.budget, budget)) {}
  ~BudgetScope() { context_.budget = outer_; }
  BudgetScope(const BudgetScope&) = delete;
  BudgetScope& operator=(const BudgetScope&) = delete;

 private:
  ThreadContext& context_;
  Budget* const outer_;
};

// Lends the task's own reference to a Context for one poll.
class BorrowedWaker {
 public:
  explicit BorrowedWaker(FrameHeader* task) noexcept : waker_(Waker::adopt(task)) {}
  ~BorrowedWaker() { static_cast<void>(std::move(waker_).release_target()); }
  BorrowedWaker(const BorrowedWaker&) = delete;
  BorrowedWaker& operator=(const BorrowedWaker&) = delete;
  const Waker& get() const noexcept { return waker_; }

 private:
  Waker waker_;
};

PollOutcome suspend_task(FrameHeader* task, std::uint32_t clones,
                         const ThreadContext& context) noexcept {
  task->waiting_since = context.clock;
  return TaskState(*task).suspend(clones) == TaskState::Suspend::kNotified ? PollOutcome::kNotified
                                                                           : PollOutcome::kIdle;
}

// With RUNNING and CANCELLED held: ends what the chain waits for, then destroys it. Calls
// `before_suspending()` unless it is done with that.
template <class F>
PollOutcome continue_cancelling(FrameHeader* task, ThreadContext& context,
                                F&& before_suspending) noexcept {
  const BorrowedWaker waker(task);
  Budget budget = Budget::unconstrained();
  Context cx(Context::ForTask{}, waker.get(), budget);
  if (!task->own.poll_cancel(cx)) {
    // Whoever asked to be polled again soon is woken like any other: this path is rare.
    Waker again;
    if (cx.deferred()) again = cx.clone_waker();
    before_suspending();
    const PollOutcome outcome = suspend_task(task, cx.clones(), context);
    std::move(again).wake();
    return outcome;
  }
  task->own.leaf_has_ended();
  destroy_chain(task);
  task->frame_is_dead = true;
  task->outcome = Outcome::kCancelled;
  complete_task(task, cx.clones(), context);
  return PollOutcome::kEnded;
}

PollOutcome continue_cancelling(FrameHeader* task, ThreadContext& context) noexcept {
  return continue_cancelling(task, context, [] {});
}

// With RUNNING held: runs the chain as far as it goes.
template <class F>
PollOutcome run_chain(FrameHeader* task, Budget& budget, ThreadContext& context,
                      F&& before_suspending) noexcept {
  task->strand = &task->own;
  const BorrowedWaker waker(task);
  const BudgetScope budget_scope(&budget, context);
  Context cx(Context::ForTask{}, waker.get(), budget);
  const TaskHooks* const hooks = task->home->hooks();
  ScheduleLatency latency;
  PollMark mark;  // not touched without hooks
  if (hooks != nullptr) [[unlikely]]
    latency = before_poll(task, *hooks, context, mark);
  const bool ended = task->own.poll(cx);
  if (hooks != nullptr) [[unlikely]]
    after_poll(task, *hooks, latency, context, mark);
  if (ended) {
    ops_of(*task).finish(task);
    complete_task(task, cx.clones(), context);
    return PollOutcome::kEnded;
  }
  before_suspending();
  if (cx.deferred()) {
    TaskState(*task).defer(cx.clones());
    return PollOutcome::kDeferred;
  }
  return suspend_task(task, cx.clones(), context);
}

}  // namespace

void free_task(FrameHeader* task) noexcept {
  WEFT_DCHECK(task->frame_is_dead);
  if (ops_of(*task).is_own) [[unlikely]]
    TaskNames::destroy(*task);
  free_block(task);
}

void init_task(FrameHeader* task, const TaskOps* ops, TaskHome& home, ThreadContext& context,
               std::source_location where) noexcept {
  task->own.start(task->handle());
  task->strand = nullptr;  // set by the first poll: until then the chain has not started
  task->parent = nullptr;
  task->block_is_kept = true;
  task->set_ops(ops);
  task->queue_next = nullptr;
  task->home = &home;
  task->id = next_task_id(context);
  task->spawned_at = where;
  // relaxed: JOIN_WAKER is clear, so nobody reads it before it is written again.
  task->join_waker.store(nullptr, std::memory_order_relaxed);
  if (ops->is_own) [[unlikely]]
    TaskNames::add(*task);
  TaskState(*task).init(home.task_owner_id());
}

PollOutcome poll_task(FrameHeader* task, Budget& budget, ThreadContext& context) noexcept {
  TaskState state(*task);
  const TaskIdScope id_scope(task->id, context.task_id);
  const bool was_deferred = state.is_running();
  const TaskState::Start start = was_deferred ? state.resume_deferred() : state.start();
  if (start == TaskState::Start::kCancel) [[unlikely]] {
    return continue_cancelling(task, context);
  }
  return run_chain(task, budget, context, [] {});
}

PollOutcome poll_fork(FrameHeader* task, Budget& budget, ThreadContext& context) noexcept {
  const TaskIdScope id_scope(task->id, context.task_id);
  const auto share = [task] { task->home->becomes_shared(task); };
  if (TaskState(*task).start() == TaskState::Start::kCancel) [[unlikely]] {
    return continue_cancelling(task, context, share);
  }
  return run_chain(task, budget, context, share);
}

PollOutcome cancel_task(FrameHeader* task, ThreadContext& context) noexcept {
  TaskState state(*task);
  const TaskIdScope id_scope(task->id, context.task_id);
  const bool was_deferred = state.is_running();
  const TaskState::Start start = was_deferred ? state.resume_deferred() : state.start();
  if (start == TaskState::Start::kRun) state.mark_cancelled();
  return continue_cancelling(task, context);
}

PollOutcome cancel_claimed_task(FrameHeader* task, ThreadContext& context) noexcept {
  const TaskIdScope id_scope(task->id, context.task_id);
  return continue_cancelling(task, context);
}

void complete_state(FrameHeader* task, std::uint32_t cloned_wakers) noexcept {
  TaskState::Completion done =
      TaskState(*task).complete(cloned_wakers, [task] { ops_of(*task).drop_output(task); });
  if (done.free_task) free_task(task);
  if (done.joiner) std::move(done.joiner).wake();
}

void complete_task(FrameHeader* task, std::uint32_t cloned_wakers,
                   ThreadContext& context) noexcept {
  // Read before: after complete_state() the memory may be gone.
  TaskHome* const home = task->home;
  const Outcome outcome = task->outcome;
  if (home->hooks() != nullptr) [[unlikely]] {
    complete_hooked(task, cloned_wakers, *home->hooks());
  } else {
    complete_state(task, cloned_wakers);
  }
  if (outcome == Outcome::kException) [[unlikely]]
    home->task_threw();
  if (outcome == Outcome::kCancelled) [[unlikely]]
    home->task_was_cancelled();
  home->task_has_ended(context);
}

void wake_task(Wakeable* target) noexcept {
  FrameHeader* const task = as_task(target);
  switch (TaskState(*task).wake()) {
    case TaskState::Wake::kNothing:
      return;
    case TaskState::Wake::kSubmit:
      return submit(task);
    case TaskState::Wake::kFree:
      return free_task(task);
  }
}

void wake_task_by_ref(Wakeable* target) noexcept {
  FrameHeader* const task = as_task(target);
  if (TaskState(*task).wake_by_ref() == TaskState::Wake::kSubmit) submit(task);
}

void retain_task(Wakeable* target) noexcept { TaskState(*as_task(target)).retain(); }

void release_task(Wakeable* target) noexcept {
  FrameHeader* const task = as_task(target);
  if (TaskState(*task).release()) free_task(task);
}

bool poll_join(FrameHeader* task, Context& cx) noexcept {
  if (!cx.has_budget()) return false;
  TaskState state(*task);
  if (!state.is_complete()) {
    if (state.join_waker_is(cx.waker())) return false;
    const bool unpublished = is_in_own_lifo_slot(task);
    if (state.set_join_waker(cx.clone_waker(), unpublished) == TaskState::Join::kPending) {
      return false;
    }
  }
  cx.spend_budget();
  return true;
}

void drop_join_handle(FrameHeader* task, bool has_output) noexcept {
  const bool free_it =
      TaskState(*task).drop_join_interest(is_in_own_lifo_slot(task), [task, has_output] {
        if (!has_output) return;
        const TaskIdScope id_scope(task->id);
        ops_of(*task).drop_output(task);
      });
  if (free_it) free_task(task);
}

void abort_task(FrameHeader* task) noexcept {
  if (TaskState(*task).abort() == TaskState::Wake::kSubmit) submit(task);
}

std::uint64_t& current_task_id_slot() noexcept { return thread_context().task_id; }

}  // namespace weft::internal
