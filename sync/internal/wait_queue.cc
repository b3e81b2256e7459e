// Interface and protocol: wait_queue.h.

#include <weft/sync/internal/wait_queue.h>

#include <mutex>
#include <utility>

#include <weft/base/check.h>
#include <weft/sync/internal/wake_list.h>

namespace weft::sync::internal {

WaitQueue::~WaitQueue() {
  // Waits for a waking thread that has taken the last waiter and not yet unlocked.
  std::lock_guard lock(mu_);
  WEFT_DCHECK(waiters_.empty());
}

void WaitQueue::wake_waiters() noexcept {
  WakeList wakers;
  std::unique_lock lock(mu_);
  // Into a list of its own: who arms again meanwhile is not woken twice.
  IntrusiveList<Waiter> waiters = waiters_.take_all();
  // relaxed: set and cleared under mu_; who reads false without it sees the condition changed.
  has_waiters_.store(false, std::memory_order_relaxed);
  for (;;) {
    while (!waiters.empty() && !wakers.is_full()) {
      Waiter& waiter = *waiters.pop_front();
      wakers.push(std::move(waiter.waker_));
      waiter.is_armed_.store(false, std::memory_order_release);  // [WQ1]; it may be gone now
    }
    const bool is_last = waiters.empty();
    lock.unlock();
    wakers.wake_all();
    if (is_last) return;
    lock.lock();
  }
}

void WaitQueue::Waiter::arm(Context& cx) noexcept {
  Waker waker;  // ours until it is stored; what is left in it is released after unlocking
  for (;;) {
    {
      std::lock_guard lock(queue_.mu_);
      const bool is_current = is_linked() && waker_.will_wake(cx.waker());
      if (is_current || waker) {
        if (!is_current) std::swap(waker, waker_);
        if (!is_linked()) queue_.waiters_.push_back(*this);
        // relaxed: whoever clears it takes mu_ after us.
        is_armed_.store(true, std::memory_order_relaxed);
        // seq_cst: before the caller's second look; see the head of wait_queue.h. An exchange, as
        // the later wake_all() may be decided by it.
        queue_.has_waiters_.exchange(true, std::memory_order_seq_cst);
        return;
      }
    }
    waker = cx.clone_waker();
  }
}

void WaitQueue::Waiter::disarm() noexcept {
  Waker waker;  // released after unlocking
  std::lock_guard lock(queue_.mu_);
  if (!is_linked()) return;
  unlink();
  waker = std::move(waker_);
}

}  // namespace weft::sync::internal
