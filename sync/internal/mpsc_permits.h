// MpscPermits: the capacity of a bounded channel.
//
// Spec: SY-73, SY-79, SY-83, SY-87.
//
// Design. A batch semaphore, from which senders take, and beside it a count of permits that the
// receiver has given back and nobody has needed yet. Senders fetch those all at once when they run
// short, and the receiver hands them on itself when somebody waits. So as long as the channel is
// neither full nor empty, senders and receiver write to different cache lines: the receiver's share
// of a message is one uncontended addition.
//
//   returned_  writers: the receiver adds; whoever fetches sets it to 0
//   pairing    [P1] release when it is added to -> acquire by who fetches: the slots are free.
//   seq_cst    The receiver adds to returned_, then looks for waiters; a sender becomes a waiter,
//              then looks at returned_: one sees the other.
//              Likewise a sender returns a permit, then adds up whether the channel is idle; the
//              receiver returns one, then adds up: the later one sees both.

#ifndef WEFT_SYNC_INTERNAL_MPSC_PERMITS_H_
#define WEFT_SYNC_INTERNAL_MPSC_PERMITS_H_

#include <algorithm>
#include <cstddef>

#include <weft/base/cache_line.h>
#include <weft/loom/atomic.h>
#include <weft/sync/internal/batch_semaphore.h>

namespace weft::sync::internal {

class MpscPermits {
 public:
  class Waiter;

  explicit MpscPermits(std::size_t capacity) noexcept : semaphore_(capacity), capacity_(capacity) {}

  // --- Senders.

  [[nodiscard]] TryAcquire try_acquire(std::size_t count) noexcept {
    TryAcquire outcome = semaphore_.try_acquire(count);
    while (outcome == TryAcquire::kNoPermits && fetch_returned()) {
      outcome = semaphore_.try_acquire(count);
    }
    return outcome;
  }
  // Gives back unused permits. See also is_closed_and_idle().
  void release(std::size_t count) noexcept { semaphore_.release(count); }
  bool is_closed() const noexcept { return semaphore_.is_closed(); }
  // After permits were given back, by whatever way but the receiver's: true if that may be what the
  // receiver of a closed channel waits for (SY-83).
  bool is_closed_and_idle() const noexcept { return is_closed() && is_idle(); }

  // --- The receiver.

  // The permits of `count` messages that were received.
  void give_back(std::size_t count) noexcept {
    returned_.fetch_add(count, std::memory_order_seq_cst);  // [P1]
    if (semaphore_.has_waiters()) fetch_returned();
  }
  void close() noexcept { semaphore_.close(); }
  // No message is in the channel, nor a permit outstanding.
  bool is_idle() const noexcept { return sum() >= capacity_; }

  // --- Anyone.

  std::size_t available() const noexcept { return std::min(sum(), capacity_); }
  std::size_t capacity() const noexcept { return capacity_; }

 private:
  // In this order: permits move from returned_ to the semaphore, so the sum may be too small while
  // they do (whoever moves them looks again), but once the channel is closed never too large.
  std::size_t sum() const noexcept {
    const std::size_t in_semaphore = semaphore_.available();
    return in_semaphore + returned_.load(std::memory_order_seq_cst);
  }
  // Moves what the receiver has given back into the semaphore. False: there is nothing.
  bool fetch_returned() noexcept {
    // seq_cst: the look of a sender that has just become a waiter.
    if (returned_.load(std::memory_order_seq_cst) == 0) return false;
    // acquire suffices here: what has to be seen in time, the look before has seen.
    const std::size_t fetched = returned_.exchange(0, std::memory_order_acquire);  // [P1]
    semaphore_.release(fetched);
    return fetched != 0;
  }

  BatchSemaphore semaphore_;
  const std::size_t capacity_;
  [[maybe_unused]] char padding_[kFalseSharingRange];
  loom::Atomic<std::size_t> returned_{0};
};

// A sender's wait for permits; see BatchSemaphore::Waiter.
class MpscPermits::Waiter {
 public:
  using Progress = BatchSemaphore::Waiter::Progress;

  Waiter(MpscPermits& permits, std::size_t count) noexcept
      : permits_(permits), waiter_(permits.semaphore_, count) {}

  [[nodiscard]] Progress poll(Context& cx) noexcept {
    if (cx.budget_exhausted()) return waiter_.poll(cx);
    if (!is_started_) {
      is_started_ = true;
      if (permits_.semaphore_.available() < count()) permits_.fetch_returned();
    }
    const Progress progress = waiter_.poll(cx);
    // Now that it is in the queue: has the receiver given back any before it could see us?
    if (progress != Progress::kPending || !permits_.fetch_returned()) return progress;
    return waiter_.poll(cx);
  }
  void take() noexcept { waiter_.take(); }
  bool has_acquired() const noexcept { return waiter_.has_acquired(); }
  std::size_t count() const noexcept { return waiter_.count(); }

 private:
  MpscPermits& permits_;
  BatchSemaphore::Waiter waiter_;
  bool is_started_ = false;
};

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_MPSC_PERMITS_H_
