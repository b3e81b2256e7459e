// BatchSemaphore: counted permits, acquired many at a time, in strict order of waiting.
//
// Spec: SY-11 .. SY-21. Mutex, RwLock, Semaphore and the bounded channel are built on it.
//
// Design. One word says everything while nobody waits: acquiring and releasing are one
// compare-exchange each and take no lock. A request that finds too little takes what there is, sets
// kWaiting and queues; from then on permits go from who releases them straight to the oldest
// waiter, under the lock, and the count stays 0 (SY-15). So nobody overtakes a waiter, and a big
// request cannot be starved by small ones.
//
//   state_     bit 0 kClosed; bit 1 kWaiting; from bit 3 on the count of free permits
//   writers    anyone, by compare-exchange, while kWaiting is clear; kWaiting and kClosed change
//              under mu_ only, and while kWaiting is set so does the count
//   invariant  kWaiting is set exactly while waiters_ is not empty; then the count is 0
//   pairing    [S1] release by whoever gives permits, takes them, or closes -> acquire by whoever
//              takes them or finds it closed. Every change is a read-modify-write, so all are in
//              one total order: one permit can guard data (SY-21). [S2] release when a waiter's
//              missing_ becomes 0 -> acquire by the waiter: it is out of the list, its waker is
//              taken, it is the waiter's own again, and what the releasers did before is visible to
//              it.
//
// A waiter that was served goes on without taking the lock, and may destroy the semaphore; the
// destructor therefore takes mu_ once, and the last thing a releaser does here is to unlock it.

#ifndef WEFT_SYNC_INTERNAL_BATCH_SEMAPHORE_H_
#define WEFT_SYNC_INTERNAL_BATCH_SEMAPHORE_H_

#include <cstddef>
#include <cstdint>
#include <source_location>

#include <weft/base/check.h>
#include <weft/base/intrusive_list.h>
#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/context.h>
#include <weft/runtime/waker.h>

namespace weft::sync::internal {

enum class TryAcquire : std::uint8_t { kAcquired, kClosed, kNoPermits };

// Thread-safe. Must outlive its waiters and permits.
class BatchSemaphore {
 public:
  class Waiter;

  static constexpr std::size_t kMaxPermits = SIZE_MAX >> 3;

  // Precondition: permits <= kMaxPermits; the public classes check it.
  explicit BatchSemaphore(std::size_t permits) noexcept : state_(permits << kShift) {
    WEFT_DCHECK(permits <= kMaxPermits);
  }
  BatchSemaphore(const BatchSemaphore&) = delete;
  BatchSemaphore& operator=(const BatchSemaphore&) = delete;
  ~BatchSemaphore();

  // Takes `count` permits if they are free and nobody waits for any; 0 are always free (SY-16).
  [[nodiscard]] TryAcquire try_acquire(std::size_t count) noexcept {
    std::size_t seen = state_.load(std::memory_order_acquire);  // [S1]
    for (;;) {
      if ((seen & kClosed) != 0) return TryAcquire::kClosed;
      if ((seen >> kShift) < count) return TryAcquire::kNoPermits;
      if (state_.compare_exchange_weak(seen, seen - (count << kShift), std::memory_order_acq_rel,
                                       std::memory_order_acquire)) {  // [S1]
        return TryAcquire::kAcquired;
      }
    }
  }

  // Gives permits to the waiters in order, and what is left to the count; also when closed (SY-14,
  // SY-18). Fatal if there would be more than kMaxPermits.
  void release(std::size_t count,
               std::source_location where = std::source_location::current()) noexcept {
    if (count == 0) return;
    // relaxed: the exchange, or the lock, synchronises.
    std::size_t seen = state_.load(std::memory_order_relaxed);
    while ((seen & kWaiting) == 0) {
      require_room(seen, count, where);
      // seq_cst: for available().
      if (state_.compare_exchange_weak(seen, seen + (count << kShift), std::memory_order_seq_cst,
                                       std::memory_order_relaxed)) {  // [S1]
        return;
      }
    }
    release_to_waiters(count, where);
  }

  // Fails all present and future requests; idempotent (SY-17).
  void close() noexcept;

  // Removes up to `count` free permits for good; returns how many (SY-20).
  std::size_t forget(std::size_t count) noexcept;

  std::size_t available() const noexcept {
    // seq_cst: MpscPermits::is_idle() adds it to a second count and must not miss a change of both.
    return state_.load(std::memory_order_seq_cst) >> kShift;  // [S1]
  }
  bool is_closed() const noexcept {
    return (state_.load(std::memory_order_acquire) & kClosed) != 0;  // [S1]
  }
  // For who gives permits in a way of its own: whether somebody may be waiting for them. Neither
  // this load nor the caller's preceding seq_cst change may pass the other.
  bool has_waiters() const noexcept {
    // seq_cst: not before the caller's change. A waiter sets kWaiting before it looks at what the
    // caller changed, so one of the two sees the other's.
    return (state_.load(std::memory_order_seq_cst) & kWaiting) != 0;
  }

 private:
  static constexpr std::size_t kClosed = 1;
  static constexpr std::size_t kWaiting = 2;
  static constexpr unsigned kShift = 3;

  static void require_room(std::size_t state, std::size_t count, std::source_location where) {
    WEFT_CHECK(count <= kMaxPermits - (state >> kShift),
               "Semaphore: more permits than Semaphore::kMaxPermits", where);
  }
  void release_to_waiters(std::size_t count, std::source_location where) noexcept;
  void add_locked(std::size_t count, std::source_location where) noexcept;
  void waiter_left_locked() noexcept;

  loom::Atomic<std::size_t> state_;
  loom::SpinMutex mu_;
  IntrusiveList<Waiter> waiters_;  // guarded by mu_; oldest first
};

// One request: a part of the leaf that makes it, its own queue node; immovable. Polled by one task;
// destroyed at any time, it gives back whatever it has and loses its place (SY-19).
class BatchSemaphore::Waiter : private ListNode {
 public:
  enum class Progress : std::uint8_t { kPending, kAcquired, kClosed };

  Waiter(BatchSemaphore& semaphore, std::size_t count) noexcept
      : semaphore_(semaphore), count_(count) {}
  ~Waiter() {
    if (phase_ == Phase::kAcquired || phase_ == Phase::kQueued) give_back();
  }

  // Enters the queue at the first poll that finds too little. Takes budget when it completes
  // (SY-8). Not to be called after it did.
  [[nodiscard]] Progress poll(Context& cx) noexcept {
    if (!cx.has_budget()) return Progress::kPending;
    const Progress progress = phase_ == Phase::kInit ? poll_first(cx) : poll_queued(cx);
    if (progress != Progress::kPending) cx.spend_budget();
    return progress;
  }

  // The permits are the caller's now. Precondition: kAcquired.
  void take() noexcept {
    WEFT_DCHECK(phase_ == Phase::kAcquired);
    phase_ = Phase::kDone;
  }
  bool has_acquired() const noexcept { return phase_ == Phase::kAcquired; }
  std::size_t count() const noexcept { return count_; }
  // For dumps: how many it has still to be given.
  std::size_t missing() const noexcept {
    return missing_.load(std::memory_order_relaxed);  // relaxed: out of date at once anyway
  }

 private:
  friend class BatchSemaphore;
  friend class IntrusiveList<Waiter>;
  enum class Phase : std::uint8_t {
    kInit,
    kQueued,    // in the queue, or served or thrown out of it and not polled since
    kAcquired,  // has the permits
    kDone,      // has nothing any more
  };

  Progress poll_first(Context& cx) noexcept {
    switch (semaphore_.try_acquire(count_)) {
      case TryAcquire::kAcquired:
        phase_ = Phase::kAcquired;
        return Progress::kAcquired;
      case TryAcquire::kClosed:
        phase_ = Phase::kDone;
        return Progress::kClosed;
      case TryAcquire::kNoPermits:
        break;
    }
    return poll_enqueue(cx);
  }
  Progress poll_enqueue(Context& cx) noexcept;
  Progress poll_queued(Context& cx) noexcept;
  [[nodiscard]] TryAcquire acquire_or_enqueue(Waker& waker) noexcept;
  void give_back() noexcept;
  bool is_served() const noexcept {
    return missing_.load(std::memory_order_acquire) == 0;  // [S2]
  }

  BatchSemaphore& semaphore_;
  const std::size_t count_;
  // Of count_, what it has not been given yet. Written under mu_ by whoever releases; read by the
  // waiter. [S2], in the head of this file
  loom::Atomic<std::size_t> missing_{0};
  Waker waker_;                 // guarded by mu_ while in the queue
  Phase phase_ = Phase::kInit;  // this task's only
};

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_BATCH_SEMAPHORE_H_
