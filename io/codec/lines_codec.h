// LinesCodec: text in lines.
//
// Spec: io.md F-6; IO-37, IO-39.
//
// A line ends at LF; a CR before it does not belong to it. Give a limit to everything that comes
// from strangers: without one a line may be as long as the memory.
//
//   io::codec::LinesCodec codec = io::codec::LinesCodec::with_max_length(80);
//   io::BytesMut in("hello\r\nwor");
//   auto line = codec.decode(in);      // "hello"
//   auto rest = codec.decode(in);      // nothing yet
//   auto last = codec.decode_eof(in);  // "wor", if that was all

#ifndef WEFT_IO_CODEC_LINES_CODEC_H_
#define WEFT_IO_CODEC_LINES_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <weft/base/result.h>
#include <weft/io/bytes_mut.h>
#include <weft/io/codec/internal/delimiter_search.h>

namespace weft::io::codec {

// A Decoder, and an Encoder of text. Keeps how far it has searched, so that it goes with one
// buffer.
class LinesCodec {
 public:
  using Item = std::string;

  // Lines of any length.
  LinesCodec() noexcept : search_(SIZE_MAX) {}
  // Lines of at most `max_length` bytes before their LF.
  static LinesCodec with_max_length(std::size_t max_length) noexcept {
    return LinesCodec(max_length);
  }
  // SIZE_MAX if there is no limit.
  std::size_t max_length() const noexcept { return search_.max_length(); }

  // The next line. Fails with frame_too_large at a line that is too long, once, and goes on behind
  // it; with invalid_data at one that is not UTF-8, which is then behind.
  Result<std::optional<std::string>> decode(BytesMut& in);
  // The same at the end, where a line needs no LF; a CR alone is none.
  Result<std::optional<std::string>> decode_eof(BytesMut& in);

  // Appends `line` and LF. Fails with frame_too_large, and appends nothing, if it is longer than
  // the limit. An LF in it makes two lines of it.
  Result<void> encode(std::string_view line, BytesMut& out);

 private:
  explicit LinesCodec(std::size_t max_length) noexcept : search_(max_length) {}

  internal::DelimiterSearch search_;
};

}  // namespace weft::io::codec

#endif  // WEFT_IO_CODEC_LINES_CODEC_H_
