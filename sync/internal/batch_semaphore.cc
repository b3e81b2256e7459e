// Interface and protocol: batch_semaphore.h.

#include <weft/sync/internal/batch_semaphore.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include <weft/sync/internal/wake_list.h>

namespace weft::sync::internal {

BatchSemaphore::~BatchSemaphore() {
  // Waits for a releaser that has served the last waiter and not yet unlocked.
  std::lock_guard lock(mu_);
  WEFT_DCHECK(waiters_.empty(), "Semaphore: destroyed while tasks wait for it");
}

void BatchSemaphore::release_to_waiters(std::size_t count, std::source_location where) noexcept {
  WakeList wakers;
  std::unique_lock lock(mu_);
  for (;;) {
    while (count > 0 && !waiters_.empty() && !wakers.is_full()) {
      Waiter& waiter = *waiters_.front();
      // relaxed: changes under mu_ only.
      const std::size_t missing = waiter.missing_.load(std::memory_order_relaxed);
      const std::size_t given = std::min(count, missing);
      count -= given;
      if (given < missing) {
        // relaxed: it is not served yet, so it reads this under mu_ only.
        waiter.missing_.store(missing - given, std::memory_order_relaxed);
        break;
      }
      waiters_.pop_front();
      wakers.push(std::move(waiter.waker_));
      waiter.missing_.store(0, std::memory_order_release);  // [S2]; it may be gone from here on
    }
    if (waiters_.empty()) add_locked(std::exchange(count, 0), where);
    lock.unlock();
    wakers.wake_all();
    if (count == 0) return;
    lock.lock();
  }
}

// Nobody waits (any more): the rest goes to the count.
void BatchSemaphore::add_locked(std::size_t count, std::source_location where) noexcept {
  // relaxed: the exchange synchronises.
  std::size_t seen = state_.load(std::memory_order_relaxed);
  std::size_t next = 0;
  do {
    require_room(seen, count, where);
    next = (seen & ~kWaiting) + (count << kShift);
    // seq_cst: for available().
  } while (!state_.compare_exchange_weak(seen, next, std::memory_order_seq_cst,
                                         std::memory_order_relaxed));  // [S1]
}

// Keeps kWaiting true to its meaning after a waiter was unlinked.
void BatchSemaphore::waiter_left_locked() noexcept {
  if (waiters_.empty()) state_.fetch_and(~kWaiting, std::memory_order_acq_rel);  // [S1]
}

void BatchSemaphore::close() noexcept {
  WakeList wakers;
  std::unique_lock lock(mu_);
  state_.fetch_or(kClosed, std::memory_order_acq_rel);  // [S1]
  // Out of waiters_ at once, so that permits released meanwhile are not given to them. Each may
  // still leave this list by itself: that takes mu_ only.
  IntrusiveList<Waiter> waiters = waiters_.take_all();
  waiter_left_locked();
  for (;;) {
    while (!waiters.empty() && !wakers.is_full()) {
      wakers.push(std::move(waiters.pop_front()->waker_));
    }
    const bool is_last = waiters.empty();
    lock.unlock();
    wakers.wake_all();
    if (is_last) return;
    lock.lock();
  }
}

std::size_t BatchSemaphore::forget(std::size_t count) noexcept {
  std::size_t seen = state_.load(std::memory_order_acquire);  // [S1]
  for (;;) {
    const std::size_t removed = std::min(count, seen >> kShift);
    if (removed == 0) return 0;
    if (state_.compare_exchange_weak(seen, seen - (removed << kShift), std::memory_order_acq_rel,
                                     std::memory_order_acquire)) {  // [S1]
      return removed;
    }
  }
}

BatchSemaphore::Waiter::Progress BatchSemaphore::Waiter::poll_enqueue(Context& cx) noexcept {
  Waker waker = cx.clone_waker();  // if it is not stored, released after unlocking
  switch (acquire_or_enqueue(waker)) {
    case TryAcquire::kAcquired:
      phase_ = Phase::kAcquired;
      return Progress::kAcquired;
    case TryAcquire::kClosed:
      phase_ = Phase::kDone;
      return Progress::kClosed;
    case TryAcquire::kNoPermits:
      break;
  }
  phase_ = Phase::kQueued;
  return Progress::kPending;
}

// kNoPermits: queued, with all the permits there were. The lock comes before the exchange that
// takes them, so that no release slips in between (SY-13).
TryAcquire BatchSemaphore::Waiter::acquire_or_enqueue(Waker& waker) noexcept {
  std::lock_guard lock(semaphore_.mu_);
  std::size_t seen = semaphore_.state_.load(std::memory_order_acquire);  // [S1]
  std::size_t taken = 0;
  bool is_short = false;
  do {
    if ((seen & kClosed) != 0) return TryAcquire::kClosed;
    is_short = (seen >> kShift) < count_;
    taken = is_short ? seen >> kShift : count_;
    // seq_cst: setting kWaiting must not pass the caller's next look for permits given in another
    // way; see has_waiters().
  } while (!semaphore_.state_.compare_exchange_weak(
      seen, (seen - (taken << kShift)) | (is_short ? kWaiting : 0), std::memory_order_seq_cst,
      std::memory_order_acquire));  // [S1]
  if (!is_short) return TryAcquire::kAcquired;
  // relaxed: read under mu_ by others, and [S2] needs only what stores 0.
  missing_.store(count_ - taken, std::memory_order_relaxed);
  waker_ = std::move(waker);
  semaphore_.waiters_.push_back(*this);
  return TryAcquire::kNoPermits;
}

BatchSemaphore::Waiter::Progress BatchSemaphore::Waiter::poll_queued(Context& cx) noexcept {
  // Closing wins over having been served (SY-17).
  if (semaphore_.is_closed()) {
    give_back();
    return Progress::kClosed;
  }
  if (is_served()) {
    phase_ = Phase::kAcquired;
    return Progress::kAcquired;
  }
  Waker waker;  // ours until it is stored; what is left in it is released after unlocking
  for (;;) {
    {
      std::lock_guard lock(semaphore_.mu_);
      if (!is_linked()) break;
      if (waker_.will_wake(cx.waker())) return Progress::kPending;
      if (waker) {
        std::swap(waker, waker_);
        return Progress::kPending;
      }
    }
    waker = cx.clone_waker();
  }
  // Out of the queue since the tests above: which of the two was it?
  return poll_queued(cx);
}

// Returns what it has, whether it holds it or was only given it, and leaves the queue.
void BatchSemaphore::Waiter::give_back() noexcept {
  std::size_t held = count_;
  Waker waker;  // released after unlocking
  if (phase_ == Phase::kQueued && !is_served()) {
    std::lock_guard lock(semaphore_.mu_);
    // relaxed: changes under mu_ only.
    held -= missing_.load(std::memory_order_relaxed);
    if (is_linked()) {
      unlink();
      waker = std::move(waker_);
      semaphore_.waiter_left_locked();
    }
  }
  phase_ = Phase::kDone;
  semaphore_.release(held);
}

}  // namespace weft::sync::internal
