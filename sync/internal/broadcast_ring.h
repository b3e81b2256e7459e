// BroadcastRing: what the handles of a broadcast channel share.
//
// Spec: SY-90 .. SY-98, SY-100.
//
// Design. Value number n lies in slot n modulo the capacity, until n + capacity overwrites it. A
// slot has a lock of its own: who sends and who receives meet only at the same slot. Sending and
// counting receivers are under tail_mu_.
//
//   lock order   tail_mu_, then a slot's. A receiver that finds its slot overwritten lets go of it
//                and takes tail_mu_ first.
//   tail_        the number of the next value. Advanced under tail_mu_ once the slot is written;
//                read by anyone: a receiver whose number is below it finds its value, or is behind.
//   pairing      [R1] release with tail_ or with the last sender's end -> acquire by receivers: the
//                values. (They take the slot's lock besides.)
//   seq_cst      tail_, senders_ and receivers_ are the conditions of WaitQueues.
//
// A value goes with the last receiver that wanted it. Values are moved out under the locks and
// destroyed after them (SY-100).

#ifndef WEFT_SYNC_INTERNAL_BROADCAST_RING_H_
#define WEFT_SYNC_INTERNAL_BROADCAST_RING_H_

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/sync/broadcast_error.h>
#include <weft/sync/internal/manual_value.h>
#include <weft/sync/internal/wait_queue.h>

namespace weft::sync::internal {

template <class T>
class BroadcastRing {
  static_assert(kMovesSafely<T>,
                "broadcast: T must be nothrow move constructible and destructible");
  static_assert(std::copy_constructible<T>,
                "broadcast: each receiver gets a copy; send a shared_ptr");

 public:
  // The rounded capacity.
  static std::size_t checked_capacity(std::size_t capacity, std::source_location where) {
    WEFT_CHECK(capacity > 0, "broadcast::channel: the capacity must not be 0", where);
    WEFT_CHECK(capacity <= std::numeric_limits<std::size_t>::max() / 2,
               "broadcast::channel: the capacity is too large", where);
    return std::bit_ceil(capacity);
  }

  // With one sender. `capacity` is a power of two. Throws std::bad_alloc.
  explicit BroadcastRing(std::size_t capacity)
      : capacity_(capacity), slots_(std::make_unique<Slot[]>(capacity)) {
    // As if each had just been read by everybody one round ago.
    for (std::size_t i = 0; i < capacity; ++i) slots_[i].position = i - std::uint64_t{capacity};
  }
  BroadcastRing(const BroadcastRing&) = delete;
  BroadcastRing& operator=(const BroadcastRing&) = delete;

  // --- Senders.

  // The number of receivers; 0: `value` is untouched.
  std::size_t send(T& value);
  std::size_t size() noexcept;

  void add_sender() noexcept {
    senders_.fetch_add(1, std::memory_order_relaxed);  // relaxed: the caller holds one already
  }
  [[nodiscard]] bool try_add_sender() noexcept {
    std::size_t seen = senders_.load(std::memory_order_relaxed);  // relaxed: the exchange decides
    while (seen != 0) {
      if (senders_.compare_exchange_weak(seen, seen + 1,
                                         std::memory_order_relaxed)) {  // relaxed: a
        return true;                                                    // count
      }
    }
    return false;
  }
  void remove_sender() noexcept {
    if (senders_.fetch_sub(1, std::memory_order_seq_cst) == 1) arrived_.wake_all();  // [R1]
  }
  void add_weak_sender() noexcept {
    weak_.fetch_add(1, std::memory_order_relaxed);  // relaxed: for weak_count() only
  }
  void remove_weak_sender() noexcept {
    weak_.fetch_sub(1, std::memory_order_relaxed);  // relaxed: for weak_count() only
  }

  // --- Receivers; `next` is the number of the value that the receiver wants.

  // The first `next` of a new receiver.
  std::uint64_t add_receiver() {
    std::lock_guard lock(tail_mu_);
    // relaxed: changes under tail_mu_ only.
    WEFT_CHECK(receivers_.load(std::memory_order_relaxed) < kMaxReceivers,
               "broadcast: too many receivers");
    receivers_.fetch_add(1, std::memory_order_relaxed);  // relaxed: as above
    return tail_.load(std::memory_order_relaxed);        // relaxed: as above
  }
  void remove_receiver(std::uint64_t next) noexcept;

  // Whether try_recv() has anything to say but empty.
  bool has_news(std::uint64_t next) const noexcept {
    return senders_are_gone() || count_from(next) != 0;
  }
  // Advances `next` if it yields a value or tells of lost ones. Throws what copying a T throws,
  // having advanced.
  Result<T, broadcast::TryRecvError> try_recv(std::uint64_t& next);

  std::uint64_t count_from(std::uint64_t next) const noexcept {
    return tail_.load(std::memory_order_seq_cst) - next;  // [R1]
  }
  bool senders_are_gone() const noexcept {
    return senders_.load(std::memory_order_seq_cst) == 0;  // [R1]
  }

  // --- Anyone.

  std::size_t sender_count() const noexcept {
    return senders_.load(std::memory_order_relaxed);  // relaxed: out of date at once anyway
  }
  std::size_t weak_count() const noexcept {
    return weak_.load(std::memory_order_relaxed);  // relaxed: out of date at once anyway
  }
  std::size_t receiver_count() const noexcept {
    // seq_cst: the condition of unheard_.
    return receivers_.load(std::memory_order_seq_cst);
  }
  // Changes of has_news(), and of receiver_count() to 0.
  WaitQueue& arrived() noexcept { return arrived_; }
  WaitQueue& unheard() noexcept { return unheard_; }

 private:
  static constexpr std::size_t kMaxReceivers = std::numeric_limits<std::size_t>::max() >> 2;

  struct Slot {
    loom::Mutex mu;              // not a SpinMutex: T is copied under it
    std::uint64_t position = 0;  // guarded by mu: the number of the value that was here last
    std::size_t wanted = 0;      // guarded by mu: by how many receivers
    std::optional<T> value;      // guarded by mu: there exactly if it is wanted
  };

  Slot& slot_of(std::uint64_t position) noexcept { return slots_[position & (capacity_ - 1)]; }
  // The number of the oldest value that is still there, for a receiver that is behind it.
  std::uint64_t oldest() noexcept {
    std::lock_guard lock(tail_mu_);  // whoever overwrites a slot has then advanced tail_ as well
    return tail_.load(std::memory_order_relaxed) - capacity_;  // relaxed: changes under tail_mu_
  }
  static void stop_wanting(Slot& slot, std::optional<T>& unwanted) noexcept;

  const std::size_t capacity_;
  const std::unique_ptr<Slot[]> slots_;
  loom::Mutex tail_mu_;
  loom::Atomic<std::uint64_t> tail_{0};
  loom::Atomic<std::size_t> receivers_{0};  // changed under tail_mu_
  loom::Atomic<std::size_t> senders_{1};
  loom::Atomic<std::size_t> weak_{0};
  WaitQueue arrived_;
  WaitQueue unheard_;
};

template <class T>
std::size_t BroadcastRing<T>::send(T& value) {
  std::optional<T> overwritten;  // destroyed after the locks
  std::size_t receivers = 0;
  {
    std::lock_guard lock(tail_mu_);
    receivers = receivers_.load(std::memory_order_relaxed);  // relaxed: changes under tail_mu_ only
    if (receivers == 0) return 0;
    const std::uint64_t position = tail_.load(std::memory_order_relaxed);  // relaxed: as above
    Slot& slot = slot_of(position);
    {
      std::lock_guard slot_lock(slot.mu);
      if (slot.value) overwritten.emplace(*std::move(slot.value));
      slot.value.emplace(std::move(value));
      slot.position = position;
      slot.wanted = receivers;
    }
    tail_.fetch_add(1, std::memory_order_seq_cst);  // [R1]
  }
  arrived_.wake_all();
  return receivers;
}

// One receiver less wants the value in `slot`, whose lock is held. If that was the last, the value
// goes to `unwanted`.
template <class T>
void BroadcastRing<T>::stop_wanting(Slot& slot, std::optional<T>& unwanted) noexcept {
  if (--slot.wanted != 0) return;
  unwanted.emplace(*std::move(slot.value));
  slot.value.reset();
}

template <class T>
Result<T, broadcast::TryRecvError> BroadcastRing<T>::try_recv(std::uint64_t& next) {
  // In this order: nothing is sent after the last sender has gone.
  const bool is_over = senders_are_gone();
  if (count_from(next) == 0) {
    if (is_over) return Err(broadcast::TryRecvError::closed());
    return Err(broadcast::TryRecvError::empty());
  }
  {
    Slot& slot = slot_of(next);
    std::lock_guard lock(slot.mu);
    if (slot.position == next) {
      ++next;
      std::optional<T> last;
      stop_wanting(slot, last);
      return last ? T(*std::move(last)) : T(*slot.value);
    }
  }
  const std::uint64_t first = oldest();
  const std::uint64_t missed = first - next;
  next = first;
  return Err(broadcast::TryRecvError::lagged(missed));
}

template <class T>
void BroadcastRing<T>::remove_receiver(std::uint64_t next) noexcept {
  std::uint64_t end = 0;
  bool is_last = false;
  {
    std::lock_guard lock(tail_mu_);
    end = tail_.load(std::memory_order_relaxed);  // relaxed: changes under tail_mu_ only
    is_last = receivers_.fetch_sub(1, std::memory_order_seq_cst) == 1;
  }
  if (is_last) unheard_.wake_all();
  while (next < end) {
    std::optional<T> unwanted;  // destroyed after the lock
    Slot& slot = slot_of(next);
    std::unique_lock lock(slot.mu);
    if (slot.position == next) {
      stop_wanting(slot, unwanted);
      ++next;
    } else {
      lock.unlock();
      next = oldest();
    }
  }
}

// Who wants a value wants all later ones: the wanted ones are the newest.
template <class T>
std::size_t BroadcastRing<T>::size() noexcept {
  std::lock_guard lock(tail_mu_);
  const std::uint64_t tail = tail_.load(std::memory_order_relaxed);  // relaxed: under tail_mu_
  std::uint64_t low = 0;
  std::uint64_t high = std::min<std::uint64_t>(capacity_, tail);
  while (low < high) {  // how many of the newest are wanted: from low to high
    const std::uint64_t middle = low + (high - low + 1) / 2;
    Slot& slot = slot_of(tail - middle);
    std::lock_guard slot_lock(slot.mu);
    if (slot.wanted != 0) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_BROADCAST_RING_H_
