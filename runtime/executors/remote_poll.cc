// Interface and protocol: remote_poll.h.

#include <weft/runtime/executors/remote_poll.h>

#include <optional>

#include <weft/base/check.h>
#include <weft/loom/allocation.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/scheduler/scheduler.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/task/raw_task.h>

namespace weft::internal {
namespace {

// What a poll on a thread that is no worker needs around it. The thread is not marked as driving
// async code: it belongs to the executor, and blocking it is the executor's concern.
class RemoteTurn {
 public:
  RemoteTurn(Scheduler* scheduler, std::uint64_t task_id, std::source_location where) noexcept
      : context_(thread_context()),
        id_scope_(task_id, context_.task_id),
        outer_budget_(std::exchange(context_.budget, &budget_)) {
    if (scheduler != nullptr) entered_.emplace(*scheduler, where);
  }
  ~RemoteTurn() { context_.budget = outer_budget_; }
  RemoteTurn(const RemoteTurn&) = delete;
  RemoteTurn& operator=(const RemoteTurn&) = delete;

  Budget& budget() noexcept { return budget_; }

 private:
  ThreadContext& context_;
  const TaskIdScope id_scope_;
  Budget budget_ = Budget::initial();
  Budget* const outer_budget_;
  std::optional<ContextGuard> entered_;
};

}  // namespace

const WakeOps RemotePoll::kOps = {&wake, &wake_by_ref, &retain_target, &release_target};

RefPtr<RemotePoll> RemotePoll::create() {
  return RefPtr<RemotePoll>::adopt(loom::make<RemotePoll>());
}

// Notified: the first poll submits.
RemotePoll::RemotePoll() noexcept : Wakeable(kIdle | kNotified, &kOps) {}

// --- The owner

RemotePoll::Next RemotePoll::next(Context& cx, void* thing, PollThing poll_thing,
                                  std::source_location where) noexcept {
  waiter_.register_waker(cx);
  std::uint64_t seen = word_.load(std::memory_order_acquire);  // [RP2]
  if (const std::uint64_t phase = seen & kPhase; phase != kIdle) {
    return phase == kDone || phase == kDropped ? Next::kComplete : Next::kWait;
  }
  if ((seen & kNotified) == 0) return Next::kWait;
  const ThreadContext& context = thread_context();
  job_.with_mut(
      [&](Job& job) { job = {thing, poll_thing, context.scheduler, context.task_id, where}; });
  // Nobody else leaves this state, and in it nothing changes the word.
  const bool is_queued = word_.compare_exchange_strong(
      seen, call_of(seen) + kCall + kQueued, std::memory_order_release,  // [RP1]
      std::memory_order_relaxed);                                        // relaxed: does not happen
  WEFT_DCHECK(is_queued);
  return Next::kSubmit;
}

bool RemotePoll::is_complete() const noexcept {
  const std::uint64_t phase = word_.load(std::memory_order_acquire) & kPhase;  // [RP2]
  return phase == kDone || phase == kDropped;
}

bool RemotePoll::was_dropped() const noexcept {
  // relaxed: the phase does not change any more.
  return (word_.load(std::memory_order_relaxed) & kPhase) == kDropped;
}

bool RemotePoll::refuse() noexcept {
  // relaxed: the number is ours.
  const std::uint64_t call = call_of(word_.load(std::memory_order_relaxed));
  // The executor has kept the call and thrown, or destroyed it on its way out.
  return leave_queue(call, kDropped) || was_dropped();
}

bool RemotePoll::stop(Context& cx) noexcept {
  waiter_.register_waker(cx);
  std::uint64_t seen = word_.load(std::memory_order_acquire);  // [RP2]
  for (;;) {
    std::uint64_t next = 0;
    if ((seen & kPhase) == kQueued) {
      next = call_of(seen) | kIdle | kNotified;
    } else if ((seen & kPhase) == kRunning) {
      next = seen | kStopping;
    } else {
      return true;
    }
    if (word_.compare_exchange_weak(seen, next, std::memory_order_acq_rel,  // [RP2]
                                    std::memory_order_acquire)) {           // [RP2]
      return (seen & kPhase) == kQueued;
    }
  }
}

bool RemotePoll::close() noexcept {
  Context cx(Waker::noop());
  const bool is_stopped = stop(cx);
  static_cast<void>(waiter_.take());
  return is_stopped;
}

std::uint64_t RemotePoll::call_number() const noexcept {
  // relaxed: the owner wrote it.
  return call_of(word_.load(std::memory_order_relaxed));
}

// --- Its call

void RemotePoll::run(std::uint64_t call) noexcept {
  if (!leave_queue(call, kRunning)) return;
  const Job job = job_.with([](const Job& written) { return written; });
  end(poll_here(job));
}

void RemotePoll::drop(std::uint64_t call) noexcept {
  if (leave_queue(call, kDropped)) waiter_.wake();
}

// From kQueued to `phase`, if it is still this call that is queued. What it was woken for before is
// seen by the poll that follows.
bool RemotePoll::leave_queue(std::uint64_t call, std::uint64_t phase) noexcept {
  // relaxed: the exchange below acquires.
  std::uint64_t seen = word_.load(std::memory_order_relaxed);
  while (call_of(seen) == call && (seen & kPhase) == kQueued) {
    if (word_.compare_exchange_weak(seen, call | phase, std::memory_order_acq_rel,  // [RP1] [RP3]
                                    std::memory_order_relaxed)) {  // relaxed: as above
      return true;
    }
  }
  return false;
}

bool RemotePoll::poll_here(const Job& job) noexcept {
  RemoteTurn turn(job.scheduler, job.task_id, job.where);
  // Lends the call's reference for the length of the poll.
  Waker waker = Waker::adopt(this);
  Context cx(waker, turn.budget());
  const bool is_done = job.poll_thing(job.thing, cx);
  static_cast<void>(std::move(waker).release_target());
  return is_done;
}

void RemotePoll::end(bool is_done) noexcept {
  // relaxed: the exchange below acquires what it needs.
  std::uint64_t seen = word_.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do {
    next = call_of(seen) | (is_done ? kDone : kIdle | (seen & kNotified));
    // [RP2]; and [RP3], which it passes on to the next poll. relaxed: tried again.
  } while (!word_.compare_exchange_weak(seen, next, std::memory_order_acq_rel,
                                        std::memory_order_relaxed));
  // From here on the owner may be gone.
  if (is_done || (seen & (kNotified | kStopping)) != 0) waiter_.wake();
}

// --- Its wakers

void RemotePoll::notify() noexcept {
  const std::uint64_t before = word_.fetch_or(kNotified, std::memory_order_acq_rel);  // [RP3]
  // If it is queued the poll is still to come; if it runs, its end looks again.
  if ((before & (kPhase | kNotified)) == kIdle) waiter_.wake();
}

RemotePoll& RemotePoll::of(Wakeable* target) noexcept {
  // SAFETY(cast): kOps is the table of RemotePolls only.
  return static_cast<RemotePoll&>(*target);
}

void RemotePoll::wake(Wakeable* target) noexcept {
  of(target).notify();
  of(target).release();
}

void RemotePoll::wake_by_ref(Wakeable* target) noexcept { of(target).notify(); }
void RemotePoll::retain_target(Wakeable* target) noexcept { of(target).retain(); }
void RemotePoll::release_target(Wakeable* target) noexcept { of(target).release(); }

void RemotePoll::retain() noexcept {
  // relaxed: whoever copies a reference has one.
  references_.fetch_add(1, std::memory_order_relaxed);
}

void RemotePoll::release() noexcept {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) loom::free(this);  // [RP4]
}

}  // namespace weft::internal
