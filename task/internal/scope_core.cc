#include <weft/task/internal/scope_core.h>

#include <mutex>
#include <new>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/runtime_gone.h>
#include <weft/runtime/scheduler/multi_thread.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/scheduler/worker.h>
#include <weft/runtime/task/task_state.h>

namespace weft::internal {

ScopeCore::ScopeCore(Scheduler& scheduler, std::source_location where) noexcept
    : TaskHome(scheduler.task_owner_id(), scheduler.hooks()),
      scheduler_(scheduler),
      where_(where) {}

ScopeCore::~ScopeCore() {
  WEFT_CHECK(!has_children(),
             "a scope was destroyed while children of it live; await it, or let abort, select or "
             "timeout cancel it",
             where_);
}

// --- Children

void ScopeCore::schedule(FrameHeader* task) noexcept { scheduler_.schedule(task); }

Worker* ScopeCore::own_worker(const ThreadContext& context) const noexcept {
  Worker* const worker = context.worker;
  if (worker == nullptr) return nullptr;
  MultiThread& scheduler = worker->scheduler();
  return &scheduler == &scheduler_ && !scheduler.is_stopping() ? worker : nullptr;
}

void ScopeCore::schedule_new(FrameHeader* task, ThreadContext& context) noexcept {
  if (is_poller(context)) {
    ++open_;
    if (Worker* const worker = own_worker(context); worker != nullptr && !is_cancelled_) {
      ++forks_;
      worker->fork(task);
      return;
    }
  } else {
    // relaxed: the child that spawns this one lives, so nobody can find that none does.
    balance_.fetch_add(kChild, std::memory_order_relaxed);
  }
  becomes_shared(task);
  scheduler_.schedule_new(task, context);
}

void ScopeCore::becomes_shared(FrameHeader* task) noexcept {
  {
    const std::lock_guard lock(mu_);
    if (!takes_no_more_) {
      try {
        children_.reserve(1);
      } catch (const std::bad_alloc&) {
        // Then it cannot be cancelled, and the scope waits until it ends by itself.
        return;
      }
      children_.add(task);
      return;
    }
  }
  abort_task(task);
}

void ScopeCore::task_has_ended(ThreadContext& context) noexcept {
  scheduler_.task_has_ended(context);
  if (is_poller(context)) {
    --open_;
    return;
  }
  if (balance_.fetch_sub(kChild, std::memory_order_acq_rel) != (kChild | kWaiting))
    return;  // [SC1]
  Waker poller = waker_.take();
  balance_.fetch_or(kAllEnded, std::memory_order_release);  // [SC1]
  std::move(poller).wake();
}

void ScopeCore::task_was_cancelled() noexcept {
  // By abort() of its handle, or of the scope: then the parent knows. But if the runtime has done
  // it, the parent must not go on as if the work were done.
  if (scheduler_.is_ending())
    fail(std::make_exception_ptr(RuntimeGone("scope: the runtime has shut down")));
}

void ScopeCore::fail(std::exception_ptr exception) noexcept {
  {
    const std::lock_guard lock(mu_);
    if (failure_ != nullptr) return;
    failure_ = std::move(exception);
    has_failed_.store(true, std::memory_order_release);  // [SC2]
  }
  waker_.wake();
}

// --- The poller

bool ScopeCore::run_forks(ThreadContext& context) noexcept {
  bool has_run = false;
  while (forks_ != 0 && !has_failed()) {
    Worker* const worker = context.worker;
    FrameHeader* const task = worker != nullptr ? worker->take_fork(this) : nullptr;
    if (task == nullptr) {
      leave_forks();
      break;
    }
    --forks_;
    has_run = true;
    worker->run_fork(task, context);
  }
  return has_run;
}

void ScopeCore::leave_forks() noexcept {
  forks_ = 0;
  if (Worker* const worker = thread_context().worker; worker != nullptr) {
    worker->share_newest_fork();
  }
}

void ScopeCore::cancel_all() noexcept {
  if (std::exchange(is_cancelled_, true)) return;
  {
    const std::lock_guard lock(mu_);
    takes_no_more_ = true;
  }
  // Nobody adds to it any more.
  for (std::size_t i = 0; i < children_.size(); ++i) abort_task(children_[i]);
}

bool ScopeCore::poll_children(Context& cx) noexcept {
  if (!is_waiting_) {
    if (!has_children()) return true;
    waker_.register_waker(cx);
    end_poll();
    is_waiting_ = true;
    const std::int64_t added = std::exchange(open_, 0) * kChild;
    const std::int64_t before = balance_.fetch_add(added + kWaiting, std::memory_order_acq_rel);
    if (before + added != 0) return false;
    // None is left, and whoever was the last one did not know it.
    balance_.store(kWaiting | kAllEnded, std::memory_order_relaxed);  // relaxed: read by us
    return true;
  }
  waker_.register_waker(cx);
  return !has_children();
}

void ScopeCore::reopen() noexcept {
  WEFT_DCHECK(!has_children());
  is_waiting_ = false;
  open_ = 0;
  // relaxed: nobody else knows the scope any more.
  balance_.store(0, std::memory_order_relaxed);
}

bool ScopeCore::has_children() const noexcept {
  const std::int64_t balance = balance_.load(std::memory_order_acquire);  // [SC1]
  if (is_waiting_) return (balance & kAllEnded) == 0;
  return open_ * kChild + balance != 0;
}

}  // namespace weft::internal
