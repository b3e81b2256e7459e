// BytesCodec: whatever has been read, as one frame.
//
// Spec: io.md F-6; IO-36.
//
// For streams that have no frames, where a stream of buffers is wanted.
//
//   io::codec::BytesCodec codec;
//   io::BytesMut in("whatever came");
//   auto all = codec.decode(in);

#ifndef WEFT_IO_CODEC_BYTES_CODEC_H_
#define WEFT_IO_CODEC_BYTES_CODEC_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include <weft/base/result.h>
#include <weft/io/bytes_mut.h>

namespace weft::io::codec {

// A Decoder, and an Encoder of bytes and text. Neither fails.
class BytesCodec {
 public:
  using Item = BytesMut;

  // All of `in`; nothing if it is empty.
  Result<std::optional<BytesMut>> decode(BytesMut& in) {
    if (in.empty()) return std::optional<BytesMut>();
    return std::optional<BytesMut>(in.split());
  }
  Result<void> encode(std::span<const std::byte> bytes, BytesMut& out) {
    out.extend(bytes);
    return {};
  }
  Result<void> encode(std::string_view text, BytesMut& out) {
    out.extend(text);
    return {};
  }
};

}  // namespace weft::io::codec

#endif  // WEFT_IO_CODEC_BYTES_CODEC_H_
