// AnyDelimiterCodec: chunks of bytes that end at any of some delimiters.
//
// Spec: io.md F-6; IO-38, IO-39.
//
//   io::codec::AnyDelimiterCodec codec(",;", ";");
//   io::BytesMut in("a,b;c");
//   auto a = codec.decode(in);
//   auto b = codec.decode(in);
//   auto c = codec.decode_eof(in);  // ends with the stream

#ifndef WEFT_IO_CODEC_ANY_DELIMITER_CODEC_H_
#define WEFT_IO_CODEC_ANY_DELIMITER_CODEC_H_

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <weft/base/result.h>
#include <weft/io/bytes.h>
#include <weft/io/bytes_mut.h>
#include <weft/io/codec/internal/delimiter_search.h>

namespace weft::io::codec {

// A Decoder, and an Encoder of bytes and text. Keeps how far it has searched, so that it goes with
// one buffer.
class AnyDelimiterCodec {
 public:
  using Item = Bytes;

  // Reads up to any of , ; LF CR and writes a comma behind each chunk.
  AnyDelimiterCodec() : AnyDelimiterCodec(",;\n\r", ",") {}
  // Reads up to any byte of `delimiters`, and writes `sequence` behind each chunk.
  AnyDelimiterCodec(std::string_view delimiters, std::string_view sequence)
      : AnyDelimiterCodec(delimiters, sequence, SIZE_MAX) {}
  // The same with chunks of at most `max_length` bytes before their delimiter.
  static AnyDelimiterCodec with_max_length(std::string_view delimiters, std::string_view sequence,
                                           std::size_t max_length) {
    return AnyDelimiterCodec(delimiters, sequence, max_length);
  }
  // SIZE_MAX if there is no limit.
  std::size_t max_length() const noexcept { return search_.max_length(); }

  // The next chunk, which may be empty. Fails with frame_too_large at one that is too long, once,
  // and goes on behind it.
  Result<std::optional<Bytes>> decode(BytesMut& in);
  // The same at the end, where a chunk needs no delimiter, but has to have bytes.
  Result<std::optional<Bytes>> decode_eof(BytesMut& in);

  // Appends `chunk` and the sequence. Fails with frame_too_large, and appends nothing, if it is
  // longer than the limit. A delimiter in it makes two chunks of it.
  Result<void> encode(std::span<const std::byte> chunk, BytesMut& out);
  Result<void> encode(std::string_view chunk, BytesMut& out) {
    return encode(std::as_bytes(std::span(chunk)), out);
  }

 private:
  AnyDelimiterCodec(std::string_view delimiters, std::string_view sequence, std::size_t max_length);

  internal::DelimiterSearch search_;
  std::bitset<256> is_delimiter_;
  std::string sequence_;
};

}  // namespace weft::io::codec

#endif  // WEFT_IO_CODEC_ANY_DELIMITER_CODEC_H_
