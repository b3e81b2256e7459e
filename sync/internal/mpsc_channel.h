// MpscChannel: what the handles of one channel share.
//
// Spec: SY-70, SY-71, SY-78, SY-79, SY-82 .. SY-86, SY-88, SY-89.
//
// Design. The list of messages, the waker of the one receiver, and the counts. BoundedChannel adds
// the permits, UnboundedChannel nothing; both say when a closed channel is finished.
//
//   strong_    senders, owned permits included; the last one ends the channel
//   weak_      weak senders; for weak_count() only
//   refs_      one for all senders together, one for the receiver, one for each weak sender: the
//              last one frees the channel
//   pairing    [C1] release when a count is given up -> acquire by who gives up the last:
//              everything the others did with the channel.
//
// The receiver waits in rx_waker_. It registers there and then looks again; whoever gives it a
// reason to go on does that first and then wakes: a message or the end of the senders by a seq_cst
// exchange, so that a look at rx_waker_ is enough (WakerSlot::wake_if_registered), and everything
// else by wake().

#ifndef WEFT_SYNC_INTERNAL_MPSC_CHANNEL_H_
#define WEFT_SYNC_INTERNAL_MPSC_CHANNEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include <weft/base/cache_line.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/context.h>
#include <weft/runtime/waker_slot.h>
#include <weft/sync/internal/manual_value.h>
#include <weft/sync/internal/mpsc_list.h>
#include <weft/sync/internal/mpsc_permits.h>
#include <weft/sync/internal/recycled.h>
#include <weft/sync/notify.h>

namespace weft::sync::internal {

// Derived: BoundedChannel<T> or UnboundedChannel<T>.
template <class Derived, class T>
class MpscChannel {
  static_assert(kMovesSafely<T>,
                "mpsc: T must be nothrow move constructible and destructible; send a "
                "std::unique_ptr<T>");

 public:
  using value_type = T;

  MpscChannel(const MpscChannel&) = delete;
  MpscChannel& operator=(const MpscChannel&) = delete;

  // A channel with one sender and one receiver. Throws std::bad_alloc.
  template <class... Args>
  static Derived* create(Args... args) {
    struct DestroyBlock {
      void operator()(MpscBlock<T>* block) const noexcept { MpscList<T>::destroy_block(block); }
    };
    std::unique_ptr<MpscBlock<T>, DestroyBlock> first(MpscList<T>::make_first_block());
    Derived* const channel = make_recycled<Derived>(first.get(), args...);
    first.release();
    return channel;
  }

  // --- Counts.

  void add_sender() noexcept {
    strong_.fetch_add(1, std::memory_order_relaxed);  // relaxed: the caller holds one already
  }
  // False if there is none left (SY-86).
  [[nodiscard]] bool try_add_sender() noexcept {
    std::size_t seen = strong_.load(std::memory_order_relaxed);  // relaxed: the exchange decides
    while (seen != 0) {
      // relaxed: a count; the caller sees the channel through its weak sender.
      if (strong_.compare_exchange_weak(seen, seen + 1, std::memory_order_relaxed)) return true;
    }
    return false;
  }
  void remove_sender() noexcept {
    if (strong_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;  // [C1]
    list_.close_as_sender();
    rx_waker_.wake_if_registered();
    release_reference();
  }
  void add_weak_sender() noexcept {
    weak_.fetch_add(1, std::memory_order_relaxed);  // relaxed: for weak_count() only
    refs_.fetch_add(1, std::memory_order_relaxed);  // relaxed: the caller holds one
  }
  void remove_weak_sender() noexcept {
    weak_.fetch_sub(1, std::memory_order_relaxed);  // relaxed: for weak_count() only
    release_reference();
  }
  std::size_t strong_count() const noexcept {
    return strong_.load(std::memory_order_relaxed);  // relaxed: out of date at once anyway
  }
  std::size_t weak_count() const noexcept {
    return weak_.load(std::memory_order_relaxed);  // relaxed: out of date at once anyway
  }

  // --- Senders.

  // For Sender::closed(): made before is_closed() is asked (SY-85).
  Notified closing() noexcept { return closed_.notified(); }

  // --- The receiver, one thread at a time.

  // True: take_next() has something to say. False: `cx` is woken when it does (SY-79).
  [[nodiscard]] bool poll_next(Context& cx) noexcept {
    if (has_news()) return true;
    rx_waker_.register_waker(cx);
    return has_news();
  }
  // The next message, if there is one now.
  [[nodiscard]] std::optional<T> take_next() noexcept {
    if (!list_.has_next()) return std::nullopt;
    std::optional<T> next(list_.pop());
    received(1);
    return next;
  }
  // That many messages were taken out of list().
  void received(std::size_t count) noexcept { derived().give_back(count); }
  // For who takes several, and then calls received() once.
  MpscList<T>& list() noexcept { return list_; }
  const MpscList<T>& list() const noexcept { return list_; }

  // Whoever waits for a message in a task shall look again.
  void wake_receiver() noexcept { rx_waker_.wake(); }

  void close() noexcept {
    if (std::exchange(rx_closed_, true)) return;
    derived().refuse();
    closed_.notify_waiters();
  }
  // No message is left, and none will come.
  bool is_finished() const noexcept { return derived().has_ended(); }
  // The receiver has closed, or no sender is left (SY-82).
  bool is_over() const noexcept { return rx_closed_ || list_.senders_are_gone(); }

  // The receiver goes away: its messages too, at once, in its thread (SY-84).
  void remove_receiver() noexcept {
    close();
    {
      const Waker dropped = rx_waker_.take();
    }
    drain();
    release_reference();
  }

 protected:
  explicit MpscChannel(MpscBlock<T>* first) noexcept : list_(first) {}
  // What was sent with a permit after the receiver had gone (SY-78).
  ~MpscChannel() {
    while (list_.has_next()) list_.pop();
  }

  // The slot is claimed: fills it.
  void publish(std::uint64_t index, T&& value) noexcept {
    list_.write(index, std::move(value));
    rx_waker_.wake_if_registered();
  }

  bool rx_closed_ = false;  // the receiver's
  weft::internal::WakerSlot rx_waker_;
  MpscList<T> list_;

 private:
  Derived& derived() noexcept {
    // SAFETY(cast): Derived derives from MpscChannel<Derived, T>, and only such are made.
    return static_cast<Derived&>(*this);
  }
  const Derived& derived() const noexcept {
    // SAFETY(cast): as above.
    return static_cast<const Derived&>(*this);
  }
  bool has_news() noexcept { return list_.has_next() || is_finished(); }
  void drain() noexcept {
    std::size_t count = 0;
    for (; list_.has_next(); ++count) list_.pop();
    received(count);
  }
  void release_reference() noexcept {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy_recycled(&derived());  // [C1]
  }

  [[maybe_unused]] char padding_[kFalseSharingRange];
  loom::Atomic<std::size_t> strong_{1};
  loom::Atomic<std::size_t> weak_{0};
  loom::Atomic<std::size_t> refs_{2};
  Notify closed_;  // notified when the receiver closes
};

// Messages need a permit each, which they keep until they are received.
template <class T>
class BoundedChannel : public MpscChannel<BoundedChannel<T>, T> {
  using Base = MpscChannel<BoundedChannel, T>;

 public:
  BoundedChannel(MpscBlock<T>* first, std::size_t capacity) noexcept
      : Base(first), permits_(capacity) {}

  MpscPermits& permits() noexcept { return permits_; }
  const MpscPermits& permits() const noexcept { return permits_; }

  // Uses up one permit.
  void push(T&& value) noexcept { Base::publish(this->list_.claim(), std::move(value)); }
  // Gives back unused permits.
  void release(std::size_t count) noexcept {
    permits_.release(count);
    permits_were_returned();
  }
  // To be called after that happened in any way: it may be the end the receiver waits for (SY-83).
  void permits_were_returned() noexcept {
    if (permits_.is_closed_and_idle()) this->rx_waker_.wake();
  }
  bool is_closed() const noexcept { return permits_.is_closed(); }

 private:
  friend Base;
  void give_back(std::size_t count) noexcept {
    if (count != 0) permits_.give_back(count);
  }
  bool has_ended() const noexcept {
    return this->list_.is_at_end() || (this->rx_closed_ && permits_.is_idle());
  }
  void refuse() noexcept { permits_.close(); }

  [[maybe_unused]] char padding_[kFalseSharingRange];
  MpscPermits permits_;
};

template <class T>
class UnboundedChannel : public MpscChannel<UnboundedChannel<T>, T> {
  using Base = MpscChannel<UnboundedChannel, T>;

 public:
  explicit UnboundedChannel(MpscBlock<T>* first) noexcept : Base(first) {}

  // False, and `value` untouched, if the receiver has closed.
  [[nodiscard]] bool try_push(T& value) noexcept {
    const std::optional<std::uint64_t> index = this->list_.try_claim();
    if (!index) return false;
    Base::publish(*index, std::move(value));
    return true;
  }
  bool is_closed() const noexcept { return this->list_.is_closed_by_receiver(); }

 private:
  friend Base;
  void give_back(std::size_t) noexcept {}
  bool has_ended() const noexcept { return this->list_.is_at_end(); }
  void refuse() noexcept { this->list_.close_as_receiver(); }
};

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_MPSC_CHANNEL_H_
