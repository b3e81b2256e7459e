// LengthDelimitedCodec: frames with their length in front.
//
// Spec: io.md F-7; IO-44..IO-46.
//
//   // A header of two bytes of type and two of length, which counts the header, too; the frame
//   // is what follows.
//   io::codec::LengthDelimitedCodec codec = io::codec::LengthDelimitedCodec::builder()
//                                               .length_field_offset(2)
//                                               .length_field_type<std::uint16_t>()
//                                               .length_adjustment(-4)
//                                               .max_frame_length(1024)
//                                               .build();
//   io::BytesMut in(std::string_view("ab\0\x09hello", 9));
//   auto frame = codec.decode(in);  // "hello"
//
// A frame is the field + adjustment bytes that follow the num_skip first ones; without any of the
// options: the payload behind the field. With num_skip(0), and the size of the head as adjustment,
// frames contain their heads. What the field says is believed only as far as the peer has sent it:
// room is made in steps of kReserveStep, however long the frame is going to be.

#ifndef WEFT_IO_CODEC_LENGTH_DELIMITED_CODEC_H_
#define WEFT_IO_CODEC_LENGTH_DELIMITED_CODEC_H_

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/io/bytes_mut.h>
#include <weft/io/codec/framed.h>
#include <weft/io/codec/framed_read.h>
#include <weft/io/codec/framed_write.h>

namespace weft::io::codec {

// A Decoder, and an Encoder of bytes and text, which become the payload.
class LengthDelimitedCodec {
 public:
  using Item = BytesMut;
  class Builder;

  static constexpr std::size_t kDefaultMaxFrameLength = std::size_t{8} << 20;
  // How many bytes of a frame that has only begun the buffer is made larger by at a time.
  static constexpr std::size_t kReserveStep = std::size_t{64} << 10;

  // A length of four bytes, big-endian, then as many bytes; at most 8 MiB.
  LengthDelimitedCodec();
  static Builder builder() noexcept;

  // The next frame. Fails with frame_too_large if the field, or the payload it stands for, is above
  // the maximum, with invalid_argument if the payload's length overflows, and with invalid_data if
  // the frame would not have a single byte, head included; the head stays in `in`, so that the
  // stream cannot go on.
  Result<std::optional<BytesMut>> decode(BytesMut& in);
  // The same at the end; bytes_remaining if there is a part of a frame.
  Result<std::optional<BytesMut>> decode_eof(BytesMut& in);

  // Appends the field and the payload; nothing for length_field_offset(). Fails with
  // frame_too_large if the payload is above the maximum, with invalid_argument if the field would
  // be negative or overflow, and then appends nothing.
  Result<void> encode(std::span<const std::byte> payload, BytesMut& out);
  Result<void> encode(std::string_view payload, BytesMut& out) {
    return encode(std::as_bytes(std::span(payload)), out);
  }

  // The longest payload; never more than the field can stand for. A frame whose head was read
  // already is not affected by setting it.
  std::size_t max_frame_length() const noexcept { return max_frame_length_; }
  void set_max_frame_length(std::size_t bytes) noexcept;

 private:
  struct Layout {
    std::size_t field_offset = 0;
    std::size_t field_length = 4;
    std::ptrdiff_t adjustment = 0;
    std::optional<std::size_t> num_skip{};
    std::endian order = std::endian::big;
  };

  LengthDelimitedCodec(const Layout& layout, std::size_t max_frame_length) noexcept;

  std::size_t field_end() const noexcept { return layout_.field_offset + layout_.field_length; }
  std::size_t skipped() const noexcept { return layout_.num_skip.value_or(field_end()); }
  Result<std::optional<std::size_t>> decode_head(BytesMut& in);
  Result<std::size_t> payload_length(std::uint64_t field) const noexcept;

  Layout layout_;
  std::size_t max_frame_length_;
  std::optional<std::size_t> payload_;  // the length that the head just taken gives
};

// How frames lie in the stream. Every function returns the builder; it may be used any number of
// times.
class LengthDelimitedCodec::Builder {
 public:
  // The order of the bytes of the length field; big-endian if nothing is said.
  Builder& big_endian() noexcept { return order(std::endian::big); }
  Builder& little_endian() noexcept { return order(std::endian::little); }
  Builder& native_endian() noexcept { return order(std::endian::native); }

  // The longest payload, 8 MiB if nothing is said. It is made smaller where the field cannot stand
  // for as much.
  Builder& max_frame_length(std::size_t bytes) noexcept {
    max_frame_length_ = bytes;
    return *this;
  }
  // How many bytes lie before the length field; 0 if nothing is said.
  Builder& length_field_offset(std::size_t bytes) noexcept {
    layout_.field_offset = bytes;
    return *this;
  }
  // The size of the length field; 4 if nothing is said. Fatal at `where` if it is not 1 to 8.
  Builder& length_field_length(std::size_t bytes,
                               std::source_location where = std::source_location::current()) {
    WEFT_CHECK(bytes >= 1 && bytes <= 8,
               "LengthDelimitedCodec: the length field must have 1 to 8 bytes", where);
    layout_.field_length = bytes;
    return *this;
  }
  // The same, as the size of an unsigned integer type.
  template <std::unsigned_integral T>
  Builder& length_field_type() noexcept {
    layout_.field_length = sizeof(T);
    return *this;
  }
  // What is added to the field for the length of the payload, and taken off it the other way; 0 if
  // nothing is said. Negative where the field counts the head, too.
  Builder& length_adjustment(std::ptrdiff_t bytes) noexcept {
    layout_.adjustment = bytes;
    return *this;
  }
  // How many bytes are dropped before the frame; up to the end of the field if nothing is said.
  Builder& num_skip(std::size_t bytes) noexcept {
    layout_.num_skip = bytes;
    return *this;
  }

  LengthDelimitedCodec build() const noexcept {
    return LengthDelimitedCodec(layout_, max_frame_length_);
  }
  // The codec with a stream; an lvalue is borrowed.
  template <AsyncRead S>
  FramedRead<S, LengthDelimitedCodec> new_read(S&& stream) const {
    return FramedRead<S, LengthDelimitedCodec>(std::forward<S>(stream), build());
  }
  template <AsyncWrite S>
  FramedWrite<S, LengthDelimitedCodec> new_write(S&& stream) const {
    return FramedWrite<S, LengthDelimitedCodec>(std::forward<S>(stream), build());
  }
  template <class S>
    requires AsyncRead<S> && AsyncWrite<S>
  Framed<S, LengthDelimitedCodec> new_framed(S&& stream) const {
    return Framed<S, LengthDelimitedCodec>(std::forward<S>(stream), build());
  }

 private:
  Builder& order(std::endian order) noexcept {
    layout_.order = order;
    return *this;
  }

  Layout layout_;
  std::size_t max_frame_length_ = kDefaultMaxFrameLength;
};

inline LengthDelimitedCodec::Builder LengthDelimitedCodec::builder() noexcept { return {}; }

}  // namespace weft::io::codec

#endif  // WEFT_IO_CODEC_LENGTH_DELIMITED_CODEC_H_
