// FramedReadMembers, FramedWriteMembers: what is awaited on framed streams.
//
// Spec: io.md F-2..F-4, section 5 (cancel safety).
//
// Derived has the poll forms that these are made of: poll_next(), or poll_ready(), start_send(),
// poll_flush() and poll_close().

#ifndef WEFT_IO_CODEC_INTERNAL_FRAMED_MEMBERS_H_
#define WEFT_IO_CODEC_INTERNAL_FRAMED_MEMBERS_H_

#include <type_traits>
#include <utility>

#include <weft/io/codec/concepts.h>
#include <weft/io/codec/internal/frame_writer.h>
#include <weft/io/internal/operation.h>

namespace weft::io::codec::internal {

template <class Derived>
class FramedReadMembers {
 public:
  // Yields std::optional<Result<Item>>: the next frame; an error of the stream or the decoder;
  // nothing at the end of the stream, and once after an error, after which reading may go on.
  // Cancel safe. Takes part in the budget.
  auto next() noexcept {
    return io::internal::operation(NextFrame<Derived>(static_cast<Derived&>(*this)));
  }
};

template <class Derived, class C>
class FramedWriteMembers {
 public:
  // Yields Result<void>: the frame of `item` is written and flushed. An error of the encoder leaves
  // everything usable. Destroyed before it is complete, the frame may be in the buffer, and go out
  // with the next.
  template <class T>
    requires Encoder<C, std::decay_t<T>>
  auto send(T&& item) {
    return io::internal::operation(
        SendFrame<Derived, std::decay_t<T>>(static_cast<Derived&>(*this), std::forward<T>(item)));
  }
  // The same without the flush: the frame is in the buffer, which is written first if it is full.
  // Cancel safe: destroyed before it is complete it has not encoded anything.
  template <class T>
    requires Encoder<C, std::decay_t<T>>
  auto feed(T&& item) {
    return io::internal::operation(
        FeedFrame<Derived, std::decay_t<T>>(static_cast<Derived&>(*this), std::forward<T>(item)));
  }
  // Yields Result<void>: everything is written, and the stream flushed. Fails with write_zero if
  // the stream takes no more. Cancel safe.
  auto flush() noexcept {
    return io::internal::operation(FlushFrames<Derived>(static_cast<Derived&>(*this)));
  }
  // The same, and ends the writing side of the stream. Cancel safe.
  auto close() noexcept {
    return io::internal::operation(CloseFrames<Derived>(static_cast<Derived&>(*this)));
  }
};

}  // namespace weft::io::codec::internal

#endif  // WEFT_IO_CODEC_INTERNAL_FRAMED_MEMBERS_H_
