// DelimiterSearch: frames that end at a delimiter, and are not longer than so much.
//
// Spec: io.md F-6; IO-37, IO-38.
//
// What LinesCodec and AnyDelimiterCodec have in common. A stream without delimiters must neither
// fill the memory nor take time that grows with the square of its length: so the search goes on
// where it had stopped, and ends one byte behind the limit. A frame that is too long is reported
// once; then everything up to its delimiter is thrown away as it comes in, without being collected.

#ifndef WEFT_IO_CODEC_INTERNAL_DELIMITER_SEARCH_H_
#define WEFT_IO_CODEC_INTERNAL_DELIMITER_SEARCH_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/bytes_mut.h>

namespace weft::io::codec::internal {

class DelimiterSearch {
 public:
  explicit DelimiterSearch(std::size_t max_length) noexcept : max_length_(max_length) {}

  std::size_t max_length() const noexcept { return max_length_; }

  // Takes the next frame, its delimiter being the last byte, off the front of `in`; nothing if
  // there is no delimiter yet; frame_too_large if there is none within the limit. find(span) is the
  // index of the first delimiter, or the span's size.
  template <class Find>
  Result<std::optional<BytesMut>> next(BytesMut& in, Find find) {
    for (;;) {
      // One more than the limit: the delimiter does not count.
      const std::size_t end =
          std::min(in.size(), max_length_ < SIZE_MAX ? max_length_ + 1 : SIZE_MAX);
      // Shorter than it was: it has been in other hands.
      const std::size_t from = searched_ <= end ? searched_ : 0;
      const std::size_t found = from + find(std::as_const(in).span().subspan(from, end - from));
      searched_ = 0;
      if (found < end && !is_discarding_) return std::optional<BytesMut>(in.split_to(found + 1));
      if (found < end) {
        is_discarding_ = false;
        in.advance(found + 1);
      } else if (is_discarding_) {
        in.advance(end);
        if (in.empty()) return std::optional<BytesMut>();
      } else if (in.size() > max_length_) {
        is_discarding_ = true;
        return Err(Errc::frame_too_large);
      } else {
        searched_ = end;
        return std::optional<BytesMut>();
      }
    }
  }

  // What is left of `in` at the end of the stream, without a delimiter.
  BytesMut rest(BytesMut& in) noexcept {
    searched_ = 0;
    return in.split();
  }

  // The stream has ended without a last frame: one that was too long has ended with it, and what
  // comes after that, as the next datagram does, is neither thrown away nor taken for searched.
  void finish() noexcept {
    searched_ = 0;
    is_discarding_ = false;
  }

 private:
  std::size_t max_length_;
  std::size_t searched_ = 0;  // so many bytes at the front have no delimiter
  bool is_discarding_ = false;
};

}  // namespace weft::io::codec::internal

#endif  // WEFT_IO_CODEC_INTERNAL_DELIMITER_SEARCH_H_
