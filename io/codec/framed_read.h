// FramedRead: a stream of bytes and a decoder, as frames to receive.
//
// Spec: io.md F-2, F-3, F-5; IO-40..IO-42.
//
// For one half of a stream that was split, or a stream that is only read.
//
//   template <class Reader>
//   Task<std::size_t> count_lines(Reader reader) {
//     io::codec::FramedRead lines(std::move(reader), io::codec::LinesCodec());
//     std::size_t count = 0;
//     while (auto line = co_await lines.next()) count += line->has_value() ? 1 : 0;
//     co_return count;
//   }

#ifndef WEFT_IO_CODEC_FRAMED_READ_H_
#define WEFT_IO_CODEC_FRAMED_READ_H_

#include <cstddef>
#include <type_traits>
#include <utility>

#include <weft/io/bytes_mut.h>
#include <weft/io/codec/concepts.h>
#include <weft/io/codec/internal/frame_reader.h>
#include <weft/io/codec/internal/framed_members.h>
#include <weft/io/concepts.h>
#include <weft/runtime/context.h>

namespace weft::io::codec {

// S: AsyncRead; a reference borrows. C: a Decoder. Movable while nothing is awaited on it; one
// thread at a time. Throws std::bad_alloc where the buffer grows, and what the decoder throws.
template <AsyncRead S, Decoder C>
class FramedRead : public internal::FramedReadMembers<FramedRead<S, C>> {
 public:
  FramedRead(S&& stream, C codec) : io_(std::forward<S>(stream)), codec_(std::move(codec)) {}
  // With a buffer of `capacity` bytes to begin with.
  FramedRead(S&& stream, C codec, std::size_t capacity)
      : io_(std::forward<S>(stream)), codec_(std::move(codec)), reader_(capacity) {}
  // Goes on with bytes that were read elsewhere.
  FramedRead(S&& stream, C codec, BytesMut read_buffer)
      : io_(std::forward<S>(stream)), codec_(std::move(codec)), reader_(std::move(read_buffer)) {}

  // The stream; what is in the buffer is lost.
  S into_inner() && { return std::forward<S>(io_); }
  // The same stream and buffer with the codec that map(codec) returns.
  template <class F>
  auto map_codec(F&& map) && {
    using Mapped = FramedRead<S, std::remove_cvref_t<std::invoke_result_t<F, C>>>;
    return Mapped(std::forward<S>(io_), std::forward<F>(map)(std::move(codec_)),
                  std::move(reader_));
  }

  std::remove_reference_t<S>& inner() noexcept { return io_; }
  const std::remove_reference_t<S>& inner() const noexcept { return io_; }
  C& codec() noexcept { return codec_; }
  const C& codec() const noexcept { return codec_; }
  BytesMut& read_buffer() noexcept { return reader_.buffer(); }
  const BytesMut& read_buffer() const noexcept { return reader_.buffer(); }

  // For hand-written awaitables: what next() waits for.
  auto poll_next(Context& cx) { return reader_.poll_next(io_, codec_, cx); }

 private:
  template <AsyncRead, Decoder>
  friend class FramedRead;

  FramedRead(S&& stream, C codec, internal::FrameReader reader)
      : io_(std::forward<S>(stream)), codec_(std::move(codec)), reader_(std::move(reader)) {}

  S io_;
  C codec_;
  internal::FrameReader reader_;
};

template <class S, class C>
FramedRead(S&&, C) -> FramedRead<S, C>;
template <class S, class C>
FramedRead(S&&, C, std::size_t) -> FramedRead<S, C>;
template <class S, class C>
FramedRead(S&&, C, BytesMut) -> FramedRead<S, C>;

}  // namespace weft::io::codec

#endif  // WEFT_IO_CODEC_FRAMED_READ_H_
