// Lines, Split: the lines of a buffered stream, and its pieces between delimiters.
//
// Spec: io.md section 2 (lines, split), section 5; IO-15.
//
// Both are streams: next() yields an optional. They keep what they have read of an unfinished
// piece, so that waiting for one can be given up and taken up again.
//
//   Task<int> count_lines(io::DuplexStream stream) {
//     auto lines = io::BufReader(std::move(stream)).lines();
//     int count = 0;
//     while (std::optional<Result<std::string>> line = co_await lines.next()) {
//       if (*line) ++count;
//     }
//     co_return count;
//   }

#ifndef WEFT_IO_LINES_H_
#define WEFT_IO_LINES_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <weft/base/result.h>
#include <weft/io/concepts.h>
#include <weft/io/internal/operation.h>
#include <weft/io/internal/read_until.h>
#include <weft/io/internal/utf8.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {
namespace internal {

// The poll form of Pieces, that is of Lines or Split, as an awaitable.
template <class Pieces>
class NextPiece {
 public:
  explicit NextPiece(Pieces& pieces) noexcept : pieces_(&pieces) {}
  auto operator()(Context& cx) { return pieces_->poll_piece(cx); }
  auto& subject() const noexcept { return *pieces_; }
  static constexpr const char* kWaitingOn = "next piece of a stream";

 private:
  Pieces* pieces_;
};

// The same with the optional outside, as streams have it.
template <class Pieces>
class NextItem {
 public:
  using Item = std::optional<Result<typename Pieces::value_type>>;

  explicit NextItem(Pieces& pieces) noexcept : pieces_(&pieces) {}
  Poll<Item> operator()(Context& cx) {
    auto polled = pieces_->poll_piece(cx);
    if (polled.is_pending()) return kPending;
    if (!*polled) return Item(Err(polled->error()));
    if (!**polled) return Item();
    return Item(**std::move(*polled));
  }
  auto& subject() const noexcept { return *pieces_; }
  static constexpr const char* kWaitingOn = "next piece of a stream";

 private:
  Pieces* pieces_;
};

}  // namespace internal

// R: an AsyncBufRead, or a reference to one. Used by one task at a time; movable between calls.
template <class R>
  requires AsyncBufRead<R>
class Lines {
 public:
  using value_type = std::string;

  explicit Lines(R&& reader) : reader_(std::forward<R>(reader)) {}

  // Yields Result<optional<string>>: the next line without its LF or CRLF; nothing at the end of
  // the stream. What follows the last LF is a line, too. A line that is not UTF-8 fails with
  // invalid_data and is left out; after an I/O error the line goes on where it was. Cancel safe.
  auto next_line() { return internal::operation(internal::NextPiece<Lines>(*this)); }
  // The same as optional<Result<string>>.
  auto next() { return internal::operation(internal::NextItem<Lines>(*this)); }
  // The poll form of next_line().
  Poll<Result<std::optional<std::string>>> poll_next_line(Context& cx) { return poll_piece(cx); }

  R& inner() noexcept { return reader_; }
  // Gives the reader back; what was read of an unfinished line is lost.
  R into_inner() && { return std::forward<R>(reader_); }

 private:
  friend class internal::NextPiece<Lines>;
  friend class internal::NextItem<Lines>;

  Poll<Result<std::optional<std::string>>> poll_piece(Context& cx) {
    const Poll<Result<std::size_t>> read =
        internal::poll_read_until(reader_, cx, std::byte{'\n'}, line_, read_);
    if (read.is_pending()) return kPending;
    if (!*read) return Err(read->error());
    std::string line = std::exchange(line_, std::string());
    if (!internal::is_utf8(std::as_bytes(std::span(line)))) return Err(Errc::invalid_data);
    if (line.empty()) return Result<std::optional<std::string>>(std::nullopt);
    if (line.back() == '\n') {
      line.pop_back();
      if (!line.empty() && line.back() == '\r') line.pop_back();
    }
    return Result<std::optional<std::string>>(std::move(line));
  }

  R reader_;
  std::string line_;      // the beginning of the next line
  std::size_t read_ = 0;  // of the present piece
};

// As Lines, for any delimiter, and for bytes.
template <class R>
  requires AsyncBufRead<R>
class Split {
 public:
  using value_type = std::vector<std::byte>;

  Split(R&& reader, std::byte delimiter)
      : reader_(std::forward<R>(reader)), delimiter_(delimiter) {}

  // Yields Result<optional<vector<byte>>>: what comes before the next delimiter; nothing at the end
  // of the stream. What follows the last delimiter, if anything, is a segment, too. Cancel safe.
  auto next_segment() { return internal::operation(internal::NextPiece<Split>(*this)); }
  // The same as optional<Result<vector<byte>>>.
  auto next() { return internal::operation(internal::NextItem<Split>(*this)); }
  // The poll form of next_segment().
  Poll<Result<std::optional<value_type>>> poll_next_segment(Context& cx) { return poll_piece(cx); }

  R& inner() noexcept { return reader_; }
  // Gives the reader back; what was read of an unfinished segment is lost.
  R into_inner() && { return std::forward<R>(reader_); }

 private:
  friend class internal::NextPiece<Split>;
  friend class internal::NextItem<Split>;

  Poll<Result<std::optional<value_type>>> poll_piece(Context& cx) {
    const Poll<Result<std::size_t>> read =
        internal::poll_read_until(reader_, cx, delimiter_, segment_, read_);
    if (read.is_pending()) return kPending;
    if (!*read) return Err(read->error());
    value_type segment = std::exchange(segment_, value_type());
    if (segment.empty()) return Result<std::optional<value_type>>(std::nullopt);
    if (segment.back() == delimiter_) segment.pop_back();
    return Result<std::optional<value_type>>(std::move(segment));
  }

  R reader_;
  std::byte delimiter_;
  value_type segment_;    // the beginning of the next
  std::size_t read_ = 0;  // of the present piece
};

// An rvalue is moved in, an lvalue borrowed. (io::split() with one argument: see split.h.)
template <class R>
  requires AsyncBufRead<R>
Lines<R> lines(R&& reader) {
  return Lines<R>(std::forward<R>(reader));
}
template <class R>
  requires AsyncBufRead<R>
Split<R> split(R&& reader, std::byte delimiter) {
  return Split<R>(std::forward<R>(reader), delimiter);
}

}  // namespace weft::io

#endif  // WEFT_IO_LINES_H_
