// Interface and protocol: notify.h.

#include <weft/sync/notify.h>

#include <mutex>
#include <utility>

#include <weft/base/check.h>
#include <weft/sync/internal/wake_list.h>

namespace weft::sync {

namespace {

// Notify::state_.
constexpr std::uint64_t kEmpty = 0;
constexpr std::uint64_t kWaiting = 1;
constexpr std::uint64_t kNotified = 2;
constexpr std::uint64_t kKindMask = 3;
constexpr std::uint64_t kOneBroadcast = 4;

constexpr std::uint64_t kind_of(std::uint64_t state) noexcept { return state & kKindMask; }
constexpr std::uint64_t broadcasts_of(std::uint64_t state) noexcept { return state & ~kKindMask; }
constexpr std::uint64_t with_kind(std::uint64_t state, std::uint64_t kind) noexcept {
  return broadcasts_of(state) | kind;
}

}  // namespace

Notify::~Notify() {
  // Waits for a notifier that has notified the last waiter and not yet unlocked.
  std::lock_guard lock(mu_);
  WEFT_DCHECK(waiters_.empty(), "Notify: destroyed while tasks wait for it");
}

void Notify::notify_one() noexcept { notify(Order::kFifo); }

void Notify::notify_last() noexcept { notify(Order::kLifo); }

void Notify::notify(Order order) noexcept {
  // relaxed: the exchange, or the lock, synchronises.
  std::uint64_t seen = state_.load(std::memory_order_relaxed);
  while (kind_of(seen) != kWaiting) {
    // Also from kNotified to kNotified: it hands our writes to who takes the permit.
    if (state_.compare_exchange_weak(seen, with_kind(seen, kNotified), std::memory_order_acq_rel,
                                     std::memory_order_relaxed)) {  // [N1]
      return;
    }
  }
  Waker waker;
  {
    std::lock_guard lock(mu_);
    waker = notify_locked(order);
  }
  std::move(waker).wake();
}

// Notifies a waiter, or stores a permit. Under mu_; the caller wakes what is returned after it.
Waker Notify::notify_locked(Order order) noexcept {
  // relaxed: kWaiting changes under mu_ only, and the exchange synchronises.
  std::uint64_t seen = state_.load(std::memory_order_relaxed);
  while (kind_of(seen) != kWaiting) {
    if (state_.compare_exchange_weak(seen, with_kind(seen, kNotified), std::memory_order_acq_rel,
                                     std::memory_order_relaxed)) {  // [N1]
      return Waker();
    }
  }
  const bool is_fifo = order == Order::kFifo;
  Notified* const waiter = is_fifo ? waiters_.pop_front() : waiters_.pop_back();
  WEFT_DCHECK(waiter != nullptr);
  Waker waker = std::move(waiter->waker_);
  // From here on the waiter may be gone.
  waiter->notification_.store(
      is_fifo ? Notified::Notification::kOneFifo : Notified::Notification::kOneLifo,
      std::memory_order_release);  // [N1] [N2]
  waiter_left();
  return waker;
}

// Keeps kWaiting true to its meaning after a waiter has left waiters_. Under mu_.
void Notify::waiter_left() noexcept {
  // relaxed: kWaiting is entered and left under mu_ only, and publishes nothing of ours.
  const std::uint64_t seen = state_.load(std::memory_order_relaxed);
  if (kind_of(seen) == kWaiting && waiters_.empty()) {
    state_.store(with_kind(seen, kEmpty),
                 std::memory_order_release);  // [N1] as it was handed to us
  }
}

void Notify::notify_waiters() noexcept {
  internal::WakeList wakers;
  std::unique_lock lock(mu_);
  // relaxed: kWaiting and the count change under mu_ only.
  const std::uint64_t seen = state_.load(std::memory_order_relaxed);
  if (kind_of(seen) != kWaiting) {
    state_.fetch_add(kOneBroadcast, std::memory_order_acq_rel);  // [N1]; keeps a permit, SY-44
    return;
  }
  state_.store(with_kind(seen, kEmpty) + kOneBroadcast, std::memory_order_release);  // [N1]
  IntrusiveList<Notified> waiters = waiters_.take_all();
  for (;;) {
    while (!waiters.empty() && !wakers.is_full()) {
      Notified* const waiter = waiters.pop_front();
      wakers.push(std::move(waiter->waker_));
      // From here on the waiter may be gone.
      waiter->notification_.store(Notified::Notification::kAll,
                                  std::memory_order_release);  // [N1] [N2]
    }
    const bool is_last = waiters.empty();
    lock.unlock();
    wakers.wake_all();
    if (is_last) return;
    lock.lock();
  }
}

bool Notify::try_take_permit() noexcept {
  // relaxed: the exchange synchronises.
  std::uint64_t seen = state_.load(std::memory_order_relaxed);
  while (kind_of(seen) == kNotified) {
    if (state_.compare_exchange_weak(seen, with_kind(seen, kEmpty), std::memory_order_acq_rel,
                                     std::memory_order_relaxed)) {  // [N1]
      return true;
    }
  }
  return false;
}

Notified::Notified(Notify& notify) noexcept
    : notify_(&notify),
      broadcasts_(broadcasts_of(notify.state_.load(std::memory_order_acquire))) {}  // [N1]

Notified::Notified(Notified&& other) noexcept
    : notify_(other.notify_), broadcasts_(other.broadcasts_), phase_(other.phase_) {
  WEFT_CHECK(other.phase_ != Phase::kQueued,
             "Notified: moved after it was enabled or polled; await it where it is");
}

Notified::~Notified() {
  if (phase_ != Phase::kQueued) return;
  // A broadcast forwards nothing and leaves nothing to do.
  if (notification_.load(std::memory_order_acquire) == Notification::kAll) return;  // [N2]
  Waker forward;
  Waker own;  // released after unlocking
  {
    std::lock_guard lock(notify_->mu_);
    // relaxed: set under mu_, which we hold.
    switch (notification_.load(std::memory_order_relaxed)) {
      case Notification::kNone:
        unlink();
        own = std::move(waker_);
        notify_->waiter_left();
        break;
      case Notification::kOneFifo:
        forward = notify_->notify_locked(Notify::Order::kFifo);
        break;
      case Notification::kOneLifo:
        forward = notify_->notify_locked(Notify::Order::kLifo);
        break;
      case Notification::kAll:
        break;
    }
  }
  std::move(forward).wake();
}

bool Notified::has_been_broadcast() const noexcept {
  return broadcasts_of(notify_->state_.load(std::memory_order_acquire)) != broadcasts_;  // [N1]
}

bool Notified::is_notified() const noexcept {
  return notification_.load(std::memory_order_acquire) != Notification::kNone;  // [N1] [N2]
}

// `cx` is null for enable(), which leaves no waker.
bool Notified::poll(Context* cx) noexcept {
  switch (phase_) {
    case Phase::kInit:
      return poll_first(cx);
    case Phase::kQueued:
      return poll_queued(cx);
    case Phase::kDone:
      break;
  }
  return true;
}

bool Notified::poll_first(Context* cx) noexcept {
  // The broadcast first: it must not cost a permit (SY-50).
  if (has_been_broadcast() || notify_->try_take_permit()) {
    phase_ = Phase::kDone;
    return true;
  }
  if (cx != nullptr) waker_ = cx->clone_waker();
  if (!enqueue()) {
    phase_ = Phase::kQueued;
    return false;
  }
  phase_ = Phase::kDone;
  waker_ = Waker();
  return true;
}

// True: notified after all, and not in the queue.
bool Notified::enqueue() noexcept {
  std::lock_guard lock(notify_->mu_);
  if (has_been_broadcast()) return true;
  // relaxed: an exchange, or the lock, synchronises.
  std::uint64_t seen = notify_->state_.load(std::memory_order_relaxed);
  while (kind_of(seen) != kWaiting) {
    if (kind_of(seen) == kNotified) {
      if (notify_->try_take_permit()) return true;
      seen = notify_->state_.load(std::memory_order_relaxed);  // relaxed: as above
    } else if (notify_->state_.compare_exchange_weak(seen, with_kind(seen, kWaiting),
                                                     std::memory_order_acq_rel,
                                                     std::memory_order_relaxed)) {  // [N1] kept
      break;
    }
  }
  notify_->waiters_.push_back(*this);
  return false;
}

bool Notified::poll_queued(Context* cx) noexcept {
  Waker waker;  // ours until it is stored; what is left in it is released after unlocking
  for (;;) {
    {
      std::lock_guard lock(notify_->mu_);
      if (is_notified()) break;
      if (has_been_broadcast()) {  // in the list of a broadcast that has not come to us yet
        unlink();
        waker = std::move(waker_);
        break;
      }
      if (cx == nullptr || waker_.will_wake(cx->waker())) return false;
      if (waker) {
        std::swap(waker, waker_);
        return false;
      }
    }
    waker = cx->clone_waker();
  }
  phase_ = Phase::kDone;
  return true;
}

}  // namespace weft::sync
