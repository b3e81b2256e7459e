#include <weft/task/internal/local_scheduler.h>

#include <utility>

#include <weft/base/check.h>
#include <weft/runtime/scheduler/scheduler.h>
#include <weft/runtime/scheduler/thread_parker.h>
#include <weft/runtime/task/raw_task.h>
#include <weft/runtime/task/task_state.h>

namespace weft::internal {

// --- The waker of those who yielded

const WakeOps LocalScheduler::TurnWaker::kOps{&wake, &wake_by_ref, &retain, &release};

LocalScheduler& LocalScheduler::TurnWaker::set_of(Wakeable* target) noexcept {
  // SAFETY(cast): kOps is in TurnWakers only.
  return static_cast<TurnWaker*>(target)->set_;
}
void LocalScheduler::TurnWaker::wake_by_ref(Wakeable* target) noexcept {
  LocalScheduler& set = set_of(target);
  set.turn_is_over_.store(true, std::memory_order_release);  // [L1]
  set.driver_.wake();
}
void LocalScheduler::TurnWaker::wake(Wakeable* target) noexcept {
  wake_by_ref(target);
  release(target);
}
void LocalScheduler::TurnWaker::retain(Wakeable* target) noexcept { set_of(target).retain(); }
void LocalScheduler::TurnWaker::release(Wakeable* target) noexcept { set_of(target).release(); }

// --- Queueing

LocalScheduler::LocalScheduler(std::source_location where)
    : owner_(thread_number()), made_at_(where) {}

void LocalScheduler::schedule(FrameHeader* task) noexcept {
  if (is_owner()) {
    local_.push_back(task);
    // While it is polled it looks into its queue anyway.
    if (!is_polled_) driver_.wake();
    return;
  }
  // The task is not complete, so we are alive; after the push only this reference says so.
  const RefPtr<LocalScheduler> keep(*this);
  WEFT_CHECK(remote_.push(task), "weft: a local task was woken after its set had ended");
  driver_.wake();
}

void LocalScheduler::take_back(FrameHeader* task) noexcept {
  // The task is not complete, so we are alive; afterwards only this reference says so.
  const RefPtr<LocalScheduler> keep(*this);
  if (TaskState(*task).suspend(0) == TaskState::Suspend::kNotified) return schedule(task);
  look_again_.exchange(true, std::memory_order_seq_cst);           // [L2]
  if (is_ending_.load(std::memory_order_seq_cst)) driver_.wake();  // [L2]
}

void LocalScheduler::prepare_spawn(std::source_location where) {
  check_owner(where);
  tasks_.reserve(1);
}

void LocalScheduler::schedule_new(FrameHeader* task, ThreadContext& context) noexcept {
  has_spawned_ = true;
  ++alive_;
  if (is_closed_) {
    // The task ends before it began, and its handle says so.
    WEFT_CHECK(cancel_task(task, context) == PollOutcome::kEnded);
    return;
  }
  tasks_.add(task);
  schedule(task);
}

void LocalScheduler::task_has_ended(ThreadContext&) noexcept { --alive_; }

void LocalScheduler::task_threw() noexcept {
  if (policy_ == runtime::UnhandledException::kShutdownRuntime) has_thrown_ = true;
}

void LocalScheduler::set_policy(runtime::UnhandledException policy, std::source_location where) {
  WEFT_CHECK(!has_spawned_,
             "LocalSet::unhandled_exception: a task has been spawned already; set it before",
             where);
  policy_ = policy;
}

// --- Running

void LocalScheduler::check_owner(std::source_location where) const {
  WEFT_CHECK(is_owner(),
             "LocalSet: used on another thread than the one that made it; its tasks must not "
             "change threads",
             where);
}

void LocalScheduler::check_may_drive(std::source_location where) const {
  check_owner(where);
  const ThreadContext& context = thread_context();
  WEFT_CHECK(context.worker == nullptr || context.task_id == 0,
             "LocalSet: awaited in a task that may change threads; await it in block_on or in a "
             "task of spawn_local",
             where);
}

FrameHeader* LocalScheduler::next_task() noexcept {
  FrameHeader* task = nullptr;
  if (++tick_ % kRemoteInterval == 0) task = remote_.pop();
  if (task == nullptr) task = local_.pop_front();
  return task != nullptr ? task : remote_.pop();
}

void LocalScheduler::ready_deferred() noexcept {
  if (!turn_is_over_.exchange(false, std::memory_order_acquire)) return;  // [L1]
  local_.append(std::exchange(deferred_, TaskChain()));
}

void LocalScheduler::settle(FrameHeader* task, bool is_notified, bool is_deferred) noexcept {
  if (is_notified) local_.push_back(task);
  if (!is_deferred) return;
  deferred_.push_back(task);
  retain();
  const Waker waker = Waker::adopt(&turn_waker_);
  Context cx(waker);
  cx.defer();
}

void LocalScheduler::run(FrameHeader* task, ThreadContext& context) noexcept {
  Budget budget = Budget::initial();
  const PollOutcome outcome = poll_task(task, budget, context);
  settle(task, outcome == PollOutcome::kNotified, outcome == PollOutcome::kDeferred);
}

void LocalScheduler::run_turn(std::source_location where) noexcept {
  ThreadContext& context = thread_context();
  if (context.clock == 0 && context.scheduler != nullptr) {
    // For dumps: what tasks that are suspended in this turn are stamped with.
    context.clock = context.scheduler->driver().clock().now().time_since_epoch().count();
  }
  ready_deferred();
  for (int i = 0; i < kTasksPerTurn; ++i) {
    FrameHeader* const task = next_task();
    if (task == nullptr) return;
    run(task, context);
    if (has_thrown_) [[unlikely]] {
      shut_down();
      fatal(
          "LocalSet: a local task threw, and the set was told to shut down on unhandled exceptions "
          "(LocalSet::unhandled_exception)",
          where);
    }
  }
  driver_.wake();
}

// --- The end

void LocalScheduler::cancel_idle(ThreadContext& context) noexcept {
  // Destructors of frames may spawn, wake and abort; a closed set gets no new tasks.
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    FrameHeader* const task = tasks_[i];
    if (!TaskState(*task).claim_for_shutdown(kNoWalk)) continue;
    settle(task, cancel_claimed_task(task, context) == PollOutcome::kNotified, false);
  }
}

void LocalScheduler::cancel_queued(ThreadContext& context) noexcept {
  for (;;) {
    local_.append(std::exchange(deferred_, TaskChain()));
    FrameHeader* const task = next_task();
    if (task == nullptr) return;
    settle(task, cancel_task(task, context) == PollOutcome::kNotified, false);
  }
}

void LocalScheduler::check_nothing_lives_on() const noexcept {
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    WEFT_CHECK(!TaskState(*tasks_[i]).is_waiting_to_be_cancelled(),
               "a LocalSet was destroyed while one of its tasks was inside a scope whose children "
               "run on; await the set, or abort the task and await its handle, before",
               made_at_);
  }
}

void LocalScheduler::cancel_all() noexcept {
  ThreadContext& context = thread_context();
  const CachedParkWaker parker;
  const Waker waker = parker->waker();
  Context cx(waker);
  cancel_queued(context);
  cancel_idle(context);
  for (;;) {
    driver_.register_waker(cx);
    cancel_queued(context);
    if (alive_ == 0) return;
    if (look_again_.exchange(false, std::memory_order_seq_cst)) {  // [L2]
      cancel_idle(context);
      continue;
    }
    check_nothing_lives_on();
    // Every task that is left has been made NOTIFIED by a foreign thread that is about to push it,
    // or is held by a dump.
    parker->park();
  }
}

void LocalScheduler::shut_down() noexcept {
  WEFT_CHECK(is_owner(), "a LocalSet was destroyed on another thread than the one that made it",
             made_at_);
  const LocalScope scope(*this, LocalScope::Kind::kRuns);
  is_closed_ = true;
  is_ending_.store(true, std::memory_order_seq_cst);  // [L2]
  if (alive_ != 0) cancel_all();
  remote_.close();
  static_cast<void>(driver_.take());
  tasks_.clear();
}

// --- LocalScope

LocalScope::LocalScope(LocalScheduler& set, Kind kind) noexcept
    : set_(set),
      outer_(std::exchange(thread_context().local, &set)),
      kind_(kind),
      outer_entered_(thread_context().entered),
      was_polled_(set.is_polled_) {
  if (kind_ == Kind::kEntersOnly) return;
  thread_context().entered = Entered::kMayNotBlock;
  set.is_polled_ = true;
}

LocalScope::~LocalScope() {
  ThreadContext& context = thread_context();
  context.local = outer_;
  if (kind_ == Kind::kEntersOnly) return;
  context.entered = outer_entered_;
  set_.is_polled_ = was_polled_;
}

}  // namespace weft::internal
