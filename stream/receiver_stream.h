// The receivers of mpsc channels as streams.
//
// Spec: ST-22; SY-79, SY-82.
//
//   Task<std::vector<int>> first_two(sync::mpsc::Receiver<int> numbers) {
//     co_return co_await (stream::ReceiverStream(std::move(numbers)) | stream::take(2) |
//                         stream::collect());
//   }

#ifndef WEFT_STREAM_RECEIVER_STREAM_H_
#define WEFT_STREAM_RECEIVER_STREAM_H_

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/stream/internal/size_hint.h>
#include <weft/stream/internal/stream_base.h>
#include <weft/sync/mpsc.h>

namespace weft::stream {

namespace internal {

template <class Receiver, class T>
class MpscStream : public StreamBase<MpscStream<Receiver, T>, T> {
 public:
  explicit MpscStream(Receiver receiver) noexcept : receiver_(std::move(receiver)) {}

  // Nothing can be sent any more; what was sent is still yielded.
  void close() noexcept { receiver_.close(); }
  // The receiver. A message that a destroyed next() has left here (stream_base.h) is lost.
  Receiver into_inner() && noexcept { return std::move(receiver_); }

 private:
  friend class StreamBase<MpscStream, T>;
  Poll<std::optional<T>> poll_item(Context& cx) noexcept { return receiver_.poll_recv(cx); }
  SizeHint hint() const noexcept {
    const std::size_t size = receiver_.size();
    if (!receiver_.is_closed()) return {size, std::nullopt};
    if constexpr (requires { receiver_.max_capacity(); }) {
      // Permits that are out may still become messages.
      return {size, std::max(size, receiver_.max_capacity() - receiver_.capacity())};
    } else {
      return exactly(size);
    }
  }

  Receiver receiver_;
};

}  // namespace internal

// The messages of a channel; ends when all senders are gone, or it was closed, and they are used
// up. Stays at its end. Cancel safe.
template <class T>
class [[nodiscard]] ReceiverStream : public internal::MpscStream<sync::mpsc::Receiver<T>, T> {
 public:
  using internal::MpscStream<sync::mpsc::Receiver<T>, T>::MpscStream;
};
template <class T>
class [[nodiscard]] UnboundedReceiverStream
    : public internal::MpscStream<sync::mpsc::UnboundedReceiver<T>, T> {
 public:
  using internal::MpscStream<sync::mpsc::UnboundedReceiver<T>, T>::MpscStream;
};
template <class T>
ReceiverStream(sync::mpsc::Receiver<T>) -> ReceiverStream<T>;
template <class T>
UnboundedReceiverStream(sync::mpsc::UnboundedReceiver<T>) -> UnboundedReceiverStream<T>;

}  // namespace weft::stream

#endif  // WEFT_STREAM_RECEIVER_STREAM_H_
