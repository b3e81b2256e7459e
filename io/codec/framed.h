// Framed: a stream of bytes and a codec, as frames to receive and to send.
//
// Spec: io.md F-2..F-5; IO-40..IO-43.
//
// Frames are decoded out of a buffer that is filled by reads as large as its room, and encoded into
// another one, which is written when it is full or flushed. Both directions are independent; for
// two tasks, split the stream and use a FramedRead and a FramedWrite.
//
//   // Answers each line with itself, until the peer has ended.
//   template <class Stream>
//   Task<Result<void>> echo(Stream stream) {
//     io::codec::Framed lines(std::move(stream), io::codec::LinesCodec::with_max_length(1024));
//     while (auto line = co_await lines.next()) {
//       if (!*line) co_return Err(line->error());
//       const Result<void> sent = co_await lines.send(**std::move(line));
//       if (!sent) co_return sent;
//     }
//     co_return co_await lines.close();
//   }

#ifndef WEFT_IO_CODEC_FRAMED_H_
#define WEFT_IO_CODEC_FRAMED_H_

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/bytes_mut.h>
#include <weft/io/codec/concepts.h>
#include <weft/io/codec/internal/frame_reader.h>
#include <weft/io/codec/internal/frame_writer.h>
#include <weft/io/codec/internal/framed_members.h>
#include <weft/io/concepts.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io::codec {

// What a Framed consists of: bytes that were read and not decoded, or encoded and not written, are
// in the buffers.
template <class S, class C>
struct FramedParts {
  FramedParts(S&& stream, C&& its_codec)
      : io(std::forward<S>(stream)), codec(std::move(its_codec)) {}

  S io;
  C codec;
  BytesMut read_buffer;
  BytesMut write_buffer;
};

// S: AsyncRead, AsyncWrite or both; a reference borrows. C: a Decoder, an Encoder or both. Movable
// while nothing is awaited on it; one thread at a time. Throws std::bad_alloc where a buffer grows,
// and what the codec throws.
template <class S, class C>
class Framed : public internal::FramedReadMembers<Framed<S, C>>,
               public internal::FramedWriteMembers<Framed<S, C>, C> {
 public:
  Framed(S&& stream, C codec) : io_(std::forward<S>(stream)), codec_(std::move(codec)) {}
  // With a read buffer of `capacity` bytes to begin with.
  Framed(S&& stream, C codec, std::size_t capacity)
      : io_(std::forward<S>(stream)), codec_(std::move(codec)), reader_(capacity) {}

  // Goes on where another one, or somebody else, has ended. What is in the read buffer is decoded
  // before anything is read. Buffers are made at least as large as they are otherwise.
  static Framed from_parts(FramedParts<S, C> parts) {
    return Framed(std::forward<S>(parts.io), std::move(parts.codec),
                  internal::FrameReader(std::move(parts.read_buffer)),
                  internal::FrameWriter(std::move(parts.write_buffer)));
  }
  FramedParts<S, C> into_parts() && {
    FramedParts<S, C> parts(std::forward<S>(io_), std::move(codec_));
    parts.read_buffer = std::move(reader_.buffer());
    parts.write_buffer = std::move(writer_.buffer());
    return parts;
  }
  // The stream; what is in the buffers is lost.
  S into_inner() && { return std::forward<S>(io_); }
  // The same stream and buffers with the codec that map(codec) returns.
  template <class F>
  auto map_codec(F&& map) && {
    using Mapped = Framed<S, std::remove_cvref_t<std::invoke_result_t<F, C>>>;
    return Mapped(std::forward<S>(io_), std::forward<F>(map)(std::move(codec_)), std::move(reader_),
                  std::move(writer_));
  }

  // Reading from the stream or writing to it directly gets between the frames.
  std::remove_reference_t<S>& inner() noexcept { return io_; }
  const std::remove_reference_t<S>& inner() const noexcept { return io_; }
  C& codec() noexcept { return codec_; }
  const C& codec() const noexcept { return codec_; }
  BytesMut& read_buffer() noexcept { return reader_.buffer(); }
  const BytesMut& read_buffer() const noexcept { return reader_.buffer(); }
  BytesMut& write_buffer() noexcept { return writer_.buffer(); }
  const BytesMut& write_buffer() const noexcept { return writer_.buffer(); }
  // From how many encoded bytes on everything is written before another frame is taken; 8192 at
  // first.
  std::size_t backpressure_boundary() const noexcept { return writer_.boundary(); }
  void set_backpressure_boundary(std::size_t bytes) noexcept { writer_.set_boundary(bytes); }

  // For hand-written awaitables: what next() waits for; start_send() only after poll_ready().
  auto poll_next(Context& cx)
    requires AsyncRead<S> && Decoder<C>
  {
    return reader_.poll_next(io_, codec_, cx);
  }
  Poll<Result<void>> poll_ready(Context& cx)
    requires AsyncWrite<S>
  {
    return writer_.poll_ready(io_, cx);
  }
  template <class T>
    requires Encoder<C, T>
  Result<void> start_send(T&& item) {
    return codec_.encode(std::forward<T>(item), writer_.buffer());
  }
  Poll<Result<void>> poll_flush(Context& cx)
    requires AsyncWrite<S>
  {
    return writer_.poll_flush(io_, cx);
  }
  Poll<Result<void>> poll_close(Context& cx)
    requires AsyncWrite<S>
  {
    return writer_.poll_close(io_, cx);
  }

 private:
  template <class, class>
  friend class Framed;

  Framed(S&& stream, C codec, internal::FrameReader reader, internal::FrameWriter writer)
      : io_(std::forward<S>(stream)),
        codec_(std::move(codec)),
        reader_(std::move(reader)),
        writer_(std::move(writer)) {}

  S io_;
  C codec_;
  internal::FrameReader reader_;
  internal::FrameWriter writer_;
};

template <class S, class C>
Framed(S&&, C) -> Framed<S, C>;
template <class S, class C>
Framed(S&&, C, std::size_t) -> Framed<S, C>;

}  // namespace weft::io::codec

#endif  // WEFT_IO_CODEC_FRAMED_H_
