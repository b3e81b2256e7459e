// LengthDelimitedCodec with any options, fed with lengths of strangers.
//
// Spec: io.md F-7. However the bytes are cut into reads, the same frames come out, none above the
// maximum; the buffer is never much larger than what was sent; encoding
// writes a whole frame or nothing.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <tests/fuzz/codec_support.h>
#include <weft/io/codec/length_delimited_codec.h>

namespace {

using weft::fuzz::AfterError;
using weft::fuzz::require;
using Codec = weft::io::codec::LengthDelimitedCodec;

Codec::Builder options(weft::fuzz::Choices& choices) {
  Codec::Builder builder = Codec::builder();
  const std::uint8_t flags = choices.next();
  if ((flags & 1) != 0) builder.little_endian();
  builder.length_field_length(1 + (flags >> 1) % 8);
  builder.length_field_offset(choices.next() % 8);
  // Small ones, and those at the ends of the range.
  const std::uint8_t adjustment = choices.next();
  if (adjustment == 0x7f) builder.length_adjustment(PTRDIFF_MAX);
  if (adjustment == 0x80) builder.length_adjustment(PTRDIFF_MIN);
  if (adjustment < 0x7f || adjustment > 0x80) {
    builder.length_adjustment(static_cast<std::int8_t>(adjustment));
  }
  if ((flags & 16) != 0) builder.num_skip(choices.next() % 32);
  const std::uint8_t maximum = choices.next();
  if (maximum < 128) builder.max_frame_length(maximum);
  if (maximum == 255) builder.max_frame_length(SIZE_MAX);
  return builder;
}

// Encoding writes field and payload, or fails and writes nothing.
void require_whole_or_nothing(weft::fuzz::Choices choices, std::string_view payload) {
  Codec codec = options(choices).build();
  weft::io::BytesMut buffer("before");
  const std::size_t before = buffer.size();
  if (!codec.encode(payload, buffer)) {
    require(buffer.size() == before);
    return;
  }
  require(payload.size() <= codec.max_frame_length());
  buffer.advance(before);
  require(buffer.size() > payload.size() && buffer.size() <= payload.size() + 8);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weft::fuzz::Choices choices(std::span(data, size));
  const weft::fuzz::Choices from_start = choices;
  const Codec codec = options(choices).build();
  const std::size_t piece = 1 + choices.next() % 64;
  const std::string_view input = choices.rest();

  const auto whole = decode_all(codec, input, input.size() + 1, AfterError::kStop);
  require(decode_all(codec, input, piece, AfterError::kStop) == whole);
  for (const std::string& frame : whole) {
    if (frame.front() == '=') require(frame.size() - 1 <= codec.max_frame_length());
  }

  Codec hostile = codec;
  weft::io::BytesMut in(input);
  for (;;) {
    const auto frame = hostile.decode(in);
    if (!frame || !*frame) break;
  }
  require(in.capacity() <= 2 * (input.size() + Codec::kReserveStep));
  require_whole_or_nothing(from_start, input);
  return 0;
}
