#include <weft/runtime/task/task_state.h>

#include <weft/base/check.h>

namespace weft::internal {

void TaskState::init(std::uint32_t runtime_id) noexcept {
  const std::uint64_t owner = static_cast<std::uint64_t>(runtime_id) << kRuntimeShift;
  // release: a walk that reads this word and later claims the task sees its header. [T2]
  word_.store(kTask | kNotified | kJoinInterest | owner, std::memory_order_release);
}

TaskState::Start TaskState::start() noexcept {
  std::uint64_t seen = word_.load(std::memory_order_acquire);  // [T1] [T2]
  WEFT_DCHECK((seen & (kNotified | kRunning | kComplete)) == kNotified);
  if (has_only_holder(seen)) {
    // relaxed: nobody else holds a reference.
    word_.store(seen - kNotified + kRunning, std::memory_order_relaxed);
  } else {
    seen = word_.fetch_add(kRunning - kNotified, std::memory_order_acq_rel);  // [T1] [T2]
  }
  return (seen & kCancelled) != 0 ? Start::kCancel : Start::kRun;
}

TaskState::Start TaskState::resume_deferred() noexcept {
  std::uint64_t seen = word_.load(std::memory_order_acquire);  // [T1]
  WEFT_DCHECK((seen & kRunning) != 0);
  if ((seen & kNotified) != 0) seen = word_.fetch_and(~kNotified, std::memory_order_acq_rel);
  return (seen & kCancelled) != 0 ? Start::kCancel : Start::kRun;
}

TaskState::Suspend TaskState::suspend(std::uint32_t cloned_wakers) noexcept {
  const std::uint64_t added = cloned_wakers * kReference;
  if (added == 0) {
    const std::uint64_t seen = word_.load(std::memory_order_acquire);  // [T1]
    if (has_only_holder(seen) && (seen & kNotified) == 0) {
      // Nobody can wake it any more; shutdown will find it. [T2]
      word_.store(seen - kRunning, std::memory_order_release);
      return Suspend::kIdle;
    }
  }
  const std::uint64_t seen =
      word_.fetch_add(added - kRunning, std::memory_order_acq_rel);  // [T1] [T2]
  return (seen & kNotified) != 0 ? Suspend::kNotified : Suspend::kIdle;
}

void TaskState::defer(std::uint32_t cloned_wakers) noexcept {
  // relaxed: RUNNING keeps the memory, and the count publishes nothing.
  if (cloned_wakers != 0) word_.fetch_add(cloned_wakers * kReference, std::memory_order_relaxed);
}

void TaskState::mark_cancelled() noexcept {
  // relaxed: read again by this thread, or by one that acquires what suspend() releases.
  word_.fetch_or(kCancelled, std::memory_order_relaxed);
}

Waker TaskState::take_kept_joiner(bool& free_task) noexcept {
  // relaxed: complete()'s compare-and-swap acquired the JoinHandle's last change of the word [T5],
  // and after COMPLETE the JoinHandle does not touch the field.
  Wakeable* const joiner = join_waker_.load(std::memory_order_relaxed);
  const std::uint64_t before =
      word_.fetch_sub(kJoinWaker + kReference, std::memory_order_acq_rel);  // [T4]
  free_task = is_unreferenced(before - kJoinWaker - kReference);
  return Waker::adopt(joiner);
}

TaskState::Wake TaskState::wake() noexcept {
  // relaxed: only a first guess for the exchange.
  std::uint64_t seen = word_.load(std::memory_order_relaxed);
  for (;;) {
    std::uint64_t next = seen - kReference;
    Wake result = Wake::kNothing;
    if ((seen & (kComplete | kNotified)) == 0) {
      next |= kNotified;
      if ((seen & kRunning) == 0) result = Wake::kSubmit;
    } else if (is_unreferenced(next)) {  // so it is not NOTIFIED but COMPLETE
      result = Wake::kFree;
    }
    if (try_change(seen, next)) return result;  // [T1] [T4]
  }
}

TaskState::Wake TaskState::wake_by_ref() noexcept {
  // relaxed: only a first guess for the exchange.
  std::uint64_t seen = word_.load(std::memory_order_relaxed);
  for (;;) {
    if ((seen & kComplete) != 0) return Wake::kNothing;
    // NOTIFIED already: the same value is written, because the next poll must see what this
    // waker's caller did. [T1]
    if (!try_change(seen, seen | kNotified)) continue;
    return (seen & (kNotified | kRunning)) == 0 ? Wake::kSubmit : Wake::kNothing;
  }
}

TaskState::Wake TaskState::abort() noexcept {
  // relaxed: only a first guess for the exchange.
  std::uint64_t seen = word_.load(std::memory_order_relaxed);
  for (;;) {
    if ((seen & (kComplete | kCancelled)) != 0) return Wake::kNothing;
    if (!try_change(seen, seen | kCancelled | kNotified)) continue;  // [T1]
    return (seen & (kNotified | kRunning)) == 0 ? Wake::kSubmit : Wake::kNothing;
  }
}

bool TaskState::claim_for_shutdown(std::uint32_t runtime_id) noexcept {
  const std::uint64_t owner = static_cast<std::uint64_t>(runtime_id) << kRuntimeShift;
  constexpr std::uint64_t kOwner = static_cast<std::uint64_t>(kRuntimeMask) << kRuntimeShift;
  // relaxed: only a first guess for the exchange.
  std::uint64_t seen = word_.load(std::memory_order_relaxed);
  for (;;) {
    if ((seen & kTask) == 0 || (seen & kOwner) != owner) return false;
    // CANCELLED and idle: its cancellation has begun and waits for a wake-up of its own.
    if ((seen & (kRunning | kComplete | kNotified | kCancelled)) != 0) return false;
    if (try_change(seen, seen | kRunning | kCancelled)) return true;  // [T2]
  }
}

TaskState::Claim TaskState::claim_of(std::uint64_t word, std::uint32_t runtime_id) noexcept {
  const std::uint64_t owner = static_cast<std::uint64_t>(runtime_id) << kRuntimeShift;
  constexpr std::uint64_t kOwner = static_cast<std::uint64_t>(kRuntimeMask) << kRuntimeShift;
  if ((word & kTask) == 0 || (word & kOwner) != owner) return Claim::kNone;
  if ((word & kComplete) != 0) return Claim::kNone;
  if ((word & kRunning) != 0) return Claim::kRunning;
  return (word & kNotified) != 0 ? Claim::kQueued : Claim::kClaimed;
}

TaskState::Claim TaskState::look(std::uint32_t runtime_id) const noexcept {
  return claim_of(word_.load(std::memory_order_acquire), runtime_id);  // [T2]
}

TaskState::Claim TaskState::claim_for_dump(std::uint32_t runtime_id) noexcept {
  // relaxed: only a first guess for the exchange.
  std::uint64_t seen = word_.load(std::memory_order_relaxed);
  for (;;) {
    const Claim claim = claim_of(seen, runtime_id);
    if (claim != Claim::kClaimed || try_change(seen, seen | kRunning)) return claim;  // [T2]
  }
}

bool TaskState::retain_if_idle(std::uint32_t runtime_id) noexcept {
  // relaxed: only a first guess for the exchange.
  std::uint64_t seen = word_.load(std::memory_order_relaxed);
  while (claim_of(seen, runtime_id) == Claim::kClaimed) {
    if (try_change(seen, seen + kReference)) return true;
  }
  return false;
}

void TaskState::retain() noexcept {
  // relaxed: made from a reference that the caller holds.
  const std::uint64_t before = word_.fetch_add(kReference, std::memory_order_relaxed);
  // The count may be a little below zero (head of the header), so only the middle of its range says
  // that wakers are being leaked without end.
  constexpr std::uint64_t kTooMany = 1ull << 62;
  WEFT_CHECK((before & (3 * kTooMany)) != kTooMany, "weft: a task has more than 2^30 references");
}

bool TaskState::release() noexcept {
  const std::uint64_t before = word_.fetch_sub(kReference, std::memory_order_acq_rel);  // [T4]
  return (before & kComplete) != 0 && is_unreferenced(before - kReference);
}

bool TaskState::is_complete() const noexcept {
  return (word_.load(std::memory_order_acquire) & kComplete) != 0;  // [T3]
}

bool TaskState::join_waker_is(const Waker& waker) const noexcept {
  // relaxed: this handle is the only one that sets the bit and the field.
  return (word_.load(std::memory_order_relaxed) & kJoinWaker) != 0 &&
         join_waker_.load(std::memory_order_relaxed) == waker.target();
}

TaskState::Join TaskState::set_join_waker(Waker waker, bool unpublished) noexcept {
  Waker replaced;
  std::uint64_t seen = word_.load(std::memory_order_acquire);  // [T3]
  while ((seen & (kJoinWaker | kComplete)) == kJoinWaker) {
    if (!try_change(seen, (seen & ~kJoinWaker) | kSlow)) continue;
    // relaxed: written by this handle, and given back by clearing JOIN_WAKER.
    replaced = Waker::adopt(join_waker_.load(std::memory_order_relaxed));
    seen = (seen & ~kJoinWaker) | kSlow;
  }
  if ((seen & kComplete) != 0) return Join::kComplete;
  // relaxed: published by setting JOIN_WAKER below. [T5]
  join_waker_.store(waker.target(), std::memory_order_relaxed);
  if (unpublished && seen < kReference) {
    // relaxed: only this thread may change the word (head of the header), and it starts the task.
    word_.store(seen | kJoinWaker, std::memory_order_relaxed);
  } else {
    while (!try_change(seen, seen | kJoinWaker)) {
      if ((seen & kComplete) != 0) return Join::kComplete;  // `waker` goes with this frame
    }
  }
  static_cast<void>(std::move(waker).release_target());
  return Join::kPending;
}

bool TaskState::give_up_join_interest(std::uint64_t seen) noexcept {
  // Alone: complete, no count, and the completer is through (it keeps a reference until then).
  if ((seen & kHolders) == kJoinInterest && seen < kReference) return true;
  const std::uint64_t before = word_.fetch_sub(kJoinInterest, std::memory_order_acq_rel);  // [T4]
  return is_unreferenced(before - kJoinInterest);
}

}  // namespace weft::internal
