// FramedWrite: a stream of bytes and an encoder, as frames to send.
//
// Spec: io.md F-2, F-4, F-5; IO-40, IO-43.
//
// For one half of a stream that was split, or a stream that is only written. Destroying it does not
// flush: what was fed and not flushed is lost.
//
//   // Both lines go out in one write.
//   template <class Writer>
//   Task<Result<void>> greet(Writer writer) {
//     io::codec::FramedWrite lines(std::move(writer), io::codec::LinesCodec());
//     const Result<void> fed = co_await lines.feed("hello");
//     if (!fed) co_return fed;
//     co_return co_await lines.send("world");
//   }

#ifndef WEFT_IO_CODEC_FRAMED_WRITE_H_
#define WEFT_IO_CODEC_FRAMED_WRITE_H_

#include <cstddef>
#include <type_traits>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/bytes_mut.h>
#include <weft/io/codec/concepts.h>
#include <weft/io/codec/internal/frame_writer.h>
#include <weft/io/codec/internal/framed_members.h>
#include <weft/io/concepts.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io::codec {

// S: AsyncWrite; a reference borrows. C: an Encoder. Movable while nothing is awaited on it; one
// thread at a time. Throws std::bad_alloc where the buffer grows, and what the encoder throws.
template <AsyncWrite S, class C>
class FramedWrite : public internal::FramedWriteMembers<FramedWrite<S, C>, C> {
 public:
  FramedWrite(S&& stream, C codec) : io_(std::forward<S>(stream)), codec_(std::move(codec)) {}
  // Goes on with bytes that were to be written elsewhere.
  FramedWrite(S&& stream, C codec, BytesMut write_buffer)
      : io_(std::forward<S>(stream)), codec_(std::move(codec)), writer_(std::move(write_buffer)) {}

  // The stream; what is in the buffer is lost.
  S into_inner() && { return std::forward<S>(io_); }
  // The same stream and buffer with the codec that map(codec) returns.
  template <class F>
  auto map_codec(F&& map) && {
    using Mapped = FramedWrite<S, std::remove_cvref_t<std::invoke_result_t<F, C>>>;
    return Mapped(std::forward<S>(io_), std::forward<F>(map)(std::move(codec_)),
                  std::move(writer_));
  }

  std::remove_reference_t<S>& inner() noexcept { return io_; }
  const std::remove_reference_t<S>& inner() const noexcept { return io_; }
  C& codec() noexcept { return codec_; }
  const C& codec() const noexcept { return codec_; }
  BytesMut& write_buffer() noexcept { return writer_.buffer(); }
  const BytesMut& write_buffer() const noexcept { return writer_.buffer(); }
  // From how many encoded bytes on everything is written before another frame is taken; 8192 at
  // first.
  std::size_t backpressure_boundary() const noexcept { return writer_.boundary(); }
  void set_backpressure_boundary(std::size_t bytes) noexcept { writer_.set_boundary(bytes); }

  // For hand-written awaitables; start_send() only after poll_ready().
  Poll<Result<void>> poll_ready(Context& cx) { return writer_.poll_ready(io_, cx); }
  template <class T>
    requires Encoder<C, T>
  Result<void> start_send(T&& item) {
    return codec_.encode(std::forward<T>(item), writer_.buffer());
  }
  Poll<Result<void>> poll_flush(Context& cx) { return writer_.poll_flush(io_, cx); }
  Poll<Result<void>> poll_close(Context& cx) { return writer_.poll_close(io_, cx); }

 private:
  template <AsyncWrite, class>
  friend class FramedWrite;

  FramedWrite(S&& stream, C codec, internal::FrameWriter writer)
      : io_(std::forward<S>(stream)), codec_(std::move(codec)), writer_(std::move(writer)) {}

  S io_;
  C codec_;
  internal::FrameWriter writer_;
};

template <class S, class C>
FramedWrite(S&&, C) -> FramedWrite<S, C>;
template <class S, class C>
FramedWrite(S&&, C, BytesMut) -> FramedWrite<S, C>;

}  // namespace weft::io::codec

#endif  // WEFT_IO_CODEC_FRAMED_WRITE_H_
