// The unbounded channel: sending never waits, and memory is the only limit.
//
// Spec: SY-89; SY-79 .. SY-88. Design: internal/mpsc_list.h, internal/mpsc_channel.h.
//
//   Task<int> sum() {
//     auto [sender, receiver] = sync::mpsc::unbounded_channel<int>();
//     for (int i = 1; i <= 3; ++i) static_cast<void>(sender.send(i));  // never waits
//     receiver.close();
//     int total = 0;
//     while (const std::optional<int> message = co_await receiver.recv()) total += *message;
//     co_return total;
//   }

#ifndef WEFT_SYNC_MPSC_UNBOUNDED_H_
#define WEFT_SYNC_MPSC_UNBOUNDED_H_

#include <utility>

#include <weft/base/result.h>
#include <weft/sync/internal/mpsc_channel.h>
#include <weft/sync/internal/mpsc_receiver.h>
#include <weft/sync/internal/mpsc_sender.h>
#include <weft/sync/mpsc_error.h>

namespace weft::sync::mpsc {

template <class T>
class UnboundedSender;
template <class T>
class UnboundedReceiver;

// A sender that does not keep the channel open: upgrade() makes it one that does.
template <class T>
using WeakUnboundedSender =
    sync::internal::MpscWeakSender<sync::internal::UnboundedChannel<T>, UnboundedSender<T>>;

// A new channel. Throws std::bad_alloc.
template <class T>
[[nodiscard]] std::pair<UnboundedSender<T>, UnboundedReceiver<T>> unbounded_channel();

// Copyable; each copy is a sender of its own, and the channel ends with the last.
template <class T>
class [[nodiscard]] UnboundedSender
    : public sync::internal::MpscSender<sync::internal::UnboundedChannel<T>> {
  using Channel = sync::internal::UnboundedChannel<T>;
  using Base = sync::internal::MpscSender<Channel>;

 public:
  UnboundedSender(const UnboundedSender&) noexcept = default;
  UnboundedSender(UnboundedSender&&) noexcept = default;
  UnboundedSender& operator=(UnboundedSender other) noexcept {
    this->swap(other);
    return *this;
  }

  // Puts `value` into the channel; the error gives it back if the receiver has closed or is gone.
  // Never waits. Messages of one sender arrive in order (SY-72).
  Result<void, SendError<T>> send(T value) const noexcept {
    if (this->channel().try_push(value)) return {};
    return Err(SendError<T>(std::move(value)));
  }

  [[nodiscard]] WeakUnboundedSender<T> downgrade() const noexcept {
    return WeakUnboundedSender<T>(this->channel());
  }

 private:
  friend std::pair<UnboundedSender<T>, UnboundedReceiver<T>> mpsc::unbounded_channel<T>();
  friend WeakUnboundedSender<T>;
  explicit UnboundedSender(Channel* channel) noexcept : Base(channel) {}
};

// recv(), recv_many(), try_recv() and so on: internal/mpsc_receiver.h.
template <class T>
class [[nodiscard]] UnboundedReceiver
    : public sync::internal::MpscReceiver<sync::internal::UnboundedChannel<T>> {
  using Channel = sync::internal::UnboundedChannel<T>;
  using Base = sync::internal::MpscReceiver<Channel>;

 private:
  friend std::pair<UnboundedSender<T>, UnboundedReceiver<T>> mpsc::unbounded_channel<T>();
  explicit UnboundedReceiver(Channel* channel) noexcept : Base(channel) {}
};

template <class T>
std::pair<UnboundedSender<T>, UnboundedReceiver<T>> unbounded_channel() {
  auto* const channel = sync::internal::UnboundedChannel<T>::create();
  return {UnboundedSender<T>(channel), UnboundedReceiver<T>(channel)};
}

}  // namespace weft::sync::mpsc

#endif  // WEFT_SYNC_MPSC_UNBOUNDED_H_
