// The bounded channel: sending waits while `capacity` messages are in it.
//
// Spec: SY-73 .. SY-78, SY-87; SY-79 .. SY-88. Design: internal/mpsc_list.h (messages),
// internal/mpsc_permits.h (capacity), internal/mpsc_channel.h (the rest).
//
//   Task<int> try_all(sync::mpsc::Sender<int> sender) {
//     int sent = 0;
//     if (sender.try_send(1)) ++sent;  // fails if the channel is full
//     const auto late = co_await sender.send_timeout(2, 10ms);
//     if (late) ++sent;
//     if (!late && late.error().is_timeout()) co_return sent;  // late.error().value is the 2
//     co_return -1;
//   }

#ifndef WEFT_SYNC_MPSC_BOUNDED_H_
#define WEFT_SYNC_MPSC_BOUNDED_H_

#include <chrono>
#include <cstddef>
#include <source_location>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/may_block.h>
#include <weft/sync/internal/mpsc_channel.h>
#include <weft/sync/internal/mpsc_receiver.h>
#include <weft/sync/internal/mpsc_reserve.h>
#include <weft/sync/internal/mpsc_send_timeout.h>
#include <weft/sync/internal/mpsc_sender.h>
#include <weft/sync/internal/thread_wait.h>
#include <weft/sync/mpsc_error.h>
#include <weft/sync/mpsc_permit.h>
#include <weft/time/sleep.h>

namespace weft::sync::mpsc {

template <class T>
class Sender;
template <class T>
class Receiver;

// A sender that does not keep the channel open: upgrade() makes it one that does.
template <class T>
using WeakSender = sync::internal::MpscWeakSender<sync::internal::BoundedChannel<T>, Sender<T>>;

// A new channel. Throws std::bad_alloc. Fatal if capacity is 0 or more than Semaphore::kMaxPermits.
template <class T>
[[nodiscard]] std::pair<Sender<T>, Receiver<T>> channel(
    std::size_t capacity, std::source_location where = std::source_location::current());

// Copyable; each copy is a sender of its own, and the channel ends with the last. All waiting is in
// order of first suspension. Cancel-safe, as far as a waiting task's place is lost and what it had
// been given goes on to the next (SY-19); takes budget.
template <class T>
class [[nodiscard]] Sender : public sync::internal::MpscSender<sync::internal::BoundedChannel<T>> {
  using Channel = sync::internal::BoundedChannel<T>;
  using Base = sync::internal::MpscSender<Channel>;
  using TryAcquire = sync::internal::TryAcquire;
  using Location = std::source_location;

  class SendNode;
  class ReserveNode;
  class ReserveManyNode;
  class ReserveOwnedNode;
  class Send;
  class Reserve;
  class ReserveMany;
  class ReserveOwned;

 public:
  Sender(const Sender&) noexcept = default;
  Sender(Sender&&) noexcept = default;
  Sender& operator=(Sender other) noexcept {
    this->swap(other);
    return *this;
  }

  // Waits for room and puts `value` into the channel: Result<void, SendError<T>>; the error gives
  // it back if the receiver has closed or is gone. If the wait is destroyed the value goes with it,
  // so use reserve() where it must not be lost (SY-74).
  [[nodiscard]] Send send(T value) const noexcept {
    return Send(this->channel(), std::move(value));
  }

  // The same if there is room now and nobody waits for it.
  Result<void, TrySendError<T>> try_send(T value) const noexcept;

  // As send(), for no longer than `limit`, counted from this call: Result<void,
  // SendTimeoutError<T>>; the error gives the value back. Fatal without a runtime that has timers,
  // also if there is room (SY-1).
  [[nodiscard]] sync::internal::MpscSendTimeout<Channel> send_timeout(
      T value, std::chrono::nanoseconds limit, Location where = Location::current()) const {
    return sync::internal::MpscSendTimeout<Channel>(this->channel(), std::move(value),
                                                    time::sleep(limit, where), where);
  }

  // As send(), blocking the thread. Fatal on a thread that drives async tasks (SY-9).
  Result<void, SendError<T>> blocking_send(T value, Location where = Location::current()) const {
    weft::internal::check_may_block("mpsc::Sender::blocking_send", where);
    return sync::internal::wait_on_thread(send(std::move(value)));
  }

  // Waits for a slot: Result<Permit<T>, SendError<void>>.
  [[nodiscard]] Reserve reserve() const noexcept { return Reserve(this->channel()); }
  // Waits for `count` slots, all or none: Result<PermitIterator<T>, SendError<void>>. Fails at once
  // if there could never be so many (SY-77).
  [[nodiscard]] ReserveMany reserve_many(std::size_t count) const noexcept {
    return ReserveMany(this->channel(), count);
  }
  // Waits for a slot and joins it to this sender: Result<OwnedPermit<T>, SendError<void>>. The
  // sender is lost if that fails.
  [[nodiscard]] ReserveOwned reserve_owned() && noexcept { return ReserveOwned(std::move(*this)); }

  // The same if there is room now and nobody waits for it. The owned form gives the sender back in
  // the error.
  Result<Permit<T>, TrySendError<void>> try_reserve() const noexcept;
  Result<PermitIterator<T>, TrySendError<void>> try_reserve_many(std::size_t count) const noexcept;
  Result<OwnedPermit<T>, TrySendError<Sender>> try_reserve_owned() && noexcept;

  // How many slots are free now, and how many there are.
  std::size_t capacity() const noexcept { return this->channel().permits().available(); }
  std::size_t max_capacity() const noexcept { return this->channel().permits().capacity(); }

  [[nodiscard]] WeakSender<T> downgrade() const noexcept { return WeakSender<T>(this->channel()); }

 private:
  friend std::pair<Sender<T>, Receiver<T>> mpsc::channel<T>(std::size_t, std::source_location);
  friend WeakSender<T>;
  friend class OwnedPermit<T>;
  explicit Sender(Channel* channel) noexcept : Base(channel) {}

  TryAcquire try_acquire(std::size_t count) const noexcept {
    const TryAcquire outcome = this->channel().permits().try_acquire(count);
    // Trying moves permits about; the receiver may have looked for them just then.
    if (outcome == TryAcquire::kClosed) this->channel().permits_were_returned();
    return outcome;
  }
};

// recv(), recv_many(), try_recv() and so on: internal/mpsc_receiver.h.
template <class T>
class [[nodiscard]] Receiver
    : public sync::internal::MpscReceiver<sync::internal::BoundedChannel<T>> {
  using Channel = sync::internal::BoundedChannel<T>;
  using Base = sync::internal::MpscReceiver<Channel>;

 public:
  // As the senders'.
  std::size_t capacity() const noexcept { return this->channel().permits().available(); }
  std::size_t max_capacity() const noexcept { return this->channel().permits().capacity(); }

 private:
  friend std::pair<Sender<T>, Receiver<T>> mpsc::channel<T>(std::size_t, std::source_location);
  explicit Receiver(Channel* channel) noexcept : Base(channel) {}
};

template <class T>
std::pair<Sender<T>, Receiver<T>> channel(std::size_t capacity, std::source_location where) {
  WEFT_CHECK(capacity > 0, "mpsc::channel: the capacity must not be 0", where);
  WEFT_CHECK(capacity <= sync::internal::BatchSemaphore::kMaxPermits,
             "mpsc::channel: the capacity is more than Semaphore::kMaxPermits", where);
  auto* const channel = sync::internal::BoundedChannel<T>::create(capacity);
  return {Sender<T>(channel), Receiver<T>(channel)};
}

template <class T>
Result<void, TrySendError<T>> Sender<T>::try_send(T value) const noexcept {
  switch (try_acquire(1)) {
    case TryAcquire::kAcquired:
      break;
    case TryAcquire::kClosed:
      return Err(TrySendError<T>::closed(std::move(value)));
    case TryAcquire::kNoPermits:
      return Err(TrySendError<T>::full(std::move(value)));
  }
  this->channel().push(std::move(value));
  return {};
}

template <class T>
Result<Permit<T>, TrySendError<void>> Sender<T>::try_reserve() const noexcept {
  switch (try_acquire(1)) {
    case TryAcquire::kAcquired:
      break;
    case TryAcquire::kClosed:
      return Err(TrySendError<void>::closed());
    case TryAcquire::kNoPermits:
      return Err(TrySendError<void>::full());
  }
  return Permit<T>(this->channel());
}

template <class T>
Result<PermitIterator<T>, TrySendError<void>> Sender<T>::try_reserve_many(
    std::size_t count) const noexcept {
  if (count > max_capacity()) return Err(TrySendError<void>::full());
  switch (try_acquire(count)) {
    case TryAcquire::kAcquired:
      break;
    case TryAcquire::kClosed:
      return Err(TrySendError<void>::closed());
    case TryAcquire::kNoPermits:
      return Err(TrySendError<void>::full());
  }
  return PermitIterator<T>(this->channel(), count);
}

template <class T>
Result<OwnedPermit<T>, TrySendError<Sender<T>>> Sender<T>::try_reserve_owned() && noexcept {
  switch (try_acquire(1)) {
    case TryAcquire::kAcquired:
      break;
    case TryAcquire::kClosed:
      return Err(TrySendError<Sender>::closed(std::move(*this)));
    case TryAcquire::kNoPermits:
      return Err(TrySendError<Sender>::full(std::move(*this)));
  }
  return OwnedPermit<T>(std::move(*this));
}

template <class T>
class Sender<T>::SendNode : public sync::internal::PermitWait<Channel> {
 public:
  SendNode(Channel& channel, T& value) noexcept
      : sync::internal::PermitWait<Channel>(channel, 1), value_(value) {}
  Result<void, SendError<T>> take() noexcept {
    if (!this->take_permits()) return Err(SendError<T>(std::move(value_)));
    this->channel().push(std::move(value_));
    return {};
  }

 private:
  T& value_;
};

template <class T>
class [[nodiscard]] Sender<T>::Send {
 public:
  Send(Channel& channel, T value) noexcept : channel_(&channel), value_(std::move(value)) {}
  LeafAwaiter<SendNode> operator co_await() noexcept {
    return LeafAwaiter<SendNode>(*channel_, value_);
  }

 private:
  Channel* channel_;
  T value_;
};

template <class T>
class Sender<T>::ReserveNode : public sync::internal::PermitWait<Channel> {
 public:
  explicit ReserveNode(Channel& channel) noexcept
      : sync::internal::PermitWait<Channel>(channel, 1) {}
  Result<Permit<T>, SendError<void>> take() noexcept {
    if (!this->take_permits()) return Err(SendError<void>());
    return Permit<T>(this->channel());
  }
};

template <class T>
class [[nodiscard]] Sender<T>::Reserve {
 public:
  explicit Reserve(Channel& channel) noexcept : channel_(&channel) {}
  LeafAwaiter<ReserveNode> operator co_await() const noexcept {
    return LeafAwaiter<ReserveNode>(*channel_);
  }

 private:
  Channel* channel_;
};

template <class T>
class Sender<T>::ReserveManyNode : public sync::internal::PermitWait<Channel> {
 public:
  ReserveManyNode(Channel& channel, std::size_t count) noexcept
      : sync::internal::PermitWait<Channel>(channel, count),
        count_(count),
        is_possible_(count <= channel.permits().capacity()) {}
  bool poll(Context& cx) noexcept {
    return !is_possible_ || sync::internal::PermitWait<Channel>::poll(cx);
  }
  Result<PermitIterator<T>, SendError<void>> take() noexcept {
    if (!is_possible_ || !this->take_permits()) return Err(SendError<void>());
    return PermitIterator<T>(this->channel(), count_);
  }

 private:
  const std::size_t count_;
  const bool is_possible_;
};

template <class T>
class [[nodiscard]] Sender<T>::ReserveMany {
 public:
  ReserveMany(Channel& channel, std::size_t count) noexcept : channel_(&channel), count_(count) {}
  LeafAwaiter<ReserveManyNode> operator co_await() const noexcept {
    return LeafAwaiter<ReserveManyNode>(*channel_, count_);
  }

 private:
  Channel* channel_;
  std::size_t count_;
};

template <class T>
class Sender<T>::ReserveOwnedNode : public sync::internal::PermitWait<Channel> {
 public:
  explicit ReserveOwnedNode(Sender& sender) noexcept
      : sync::internal::PermitWait<Channel>(sender.channel(), 1), sender_(sender) {}
  Result<OwnedPermit<T>, SendError<void>> take() noexcept {
    if (!this->take_permits()) return Err(SendError<void>());
    return OwnedPermit<T>(std::move(sender_));
  }

 private:
  Sender& sender_;
};

template <class T>
class [[nodiscard]] Sender<T>::ReserveOwned {
 public:
  explicit ReserveOwned(Sender sender) noexcept : sender_(std::move(sender)) {}
  LeafAwaiter<ReserveOwnedNode> operator co_await() noexcept {
    return LeafAwaiter<ReserveOwnedNode>(sender_);
  }

 private:
  Sender sender_;
};

}  // namespace weft::sync::mpsc

#endif  // WEFT_SYNC_MPSC_BOUNDED_H_
