// fill_buf, read_until, read_line: from a stream that has a buffer of its own.
//
// Spec: io.md section 2, section 5; IO-6..IO-9, IO-12, IO-16.
//
//   // Reads up to and with the next semicolon.
//   Task<Result<std::vector<std::byte>>> statement(io::BufReader<io::DuplexStream>& reader) {
//     std::vector<std::byte> bytes;
//     const Result<std::size_t> read = co_await io::read_until(reader, std::byte{';'}, bytes);
//     if (!read) co_return Err(read.error());
//     co_return bytes;
//   }

#ifndef WEFT_IO_BUF_READ_H_
#define WEFT_IO_BUF_READ_H_

#include <cstddef>
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

template <AsyncBufRead R>
class FillBuf {
 public:
  explicit FillBuf(R& reader) noexcept : reader_(&reader) {}
  Poll<Result<std::span<const std::byte>>> operator()(Context& cx) {
    return model(*reader_).poll_fill_buf(cx);
  }
  auto& subject() const noexcept { return *reader_; }
  static constexpr const char* kWaitingOn = "fill_buf";

 private:
  R* reader_;
};

template <AsyncBufRead R>
class ReadUntil {
 public:
  ReadUntil(R& reader, std::byte delimiter, std::vector<std::byte>& vec) noexcept
      : reader_(&reader), delimiter_(delimiter), vec_(&vec) {}
  Poll<Result<std::size_t>> operator()(Context& cx) {
    return poll_read_until(*reader_, cx, delimiter_, *vec_, read_);
  }
  auto& subject() const noexcept { return *reader_; }
  static constexpr const char* kWaitingOn = "read_until";

 private:
  R* reader_;
  std::byte delimiter_;
  std::vector<std::byte>* vec_;
  std::size_t read_ = 0;
};

// The caller's string is moved in here and back at the end, so that nobody ever sees half of a
// character in it.
template <AsyncBufRead R>
class ReadLine {
 public:
  ReadLine(R& reader, std::string& text) noexcept : reader_(&reader), text_(&text) {}
  Poll<Result<std::size_t>> operator()(Context& cx) {
    if (!begun_) {
      begun_ = true;
      line_ = std::exchange(*text_, std::string());
      before_ = line_.size();
    }
    Poll<Result<std::size_t>> read = poll_read_until(*reader_, cx, std::byte{'\n'}, line_, read_);
    if (read.is_pending()) return kPending;
    if (!is_utf8(std::as_bytes(std::span(line_)).subspan(before_))) {
      line_.resize(before_);
      if (*read) *read = Err(Errc::invalid_data);
    }
    *text_ = std::move(line_);
    return read;
  }
  auto& subject() const noexcept { return *reader_; }
  static constexpr const char* kWaitingOn = "read_line";

 private:
  R* reader_;
  std::string* text_;
  std::string line_;
  std::size_t before_ = 0;  // the size of what was in the text
  std::size_t read_ = 0;
  bool begun_ = false;
};

}  // namespace internal

// Yields Result<span<const byte>>: what the reader has in its buffer, read from its source if that
// was nothing; empty at the end of the stream. Tell it by reader.consume(n) how much is used up;
// the span is good until then, or until the next call. Cancel safe.
template <AsyncBufRead R>
auto fill_buf(R& reader) {
  return internal::operation(internal::FillBuf<R>(reader));
}

// Yields Result<size_t>: how many bytes were appended to `vec`, through the next `delimiter`, or to
// the end of the stream; 0 at its end. On an error what was read before stays. Destroyed, it has
// appended what it has read: call it again.
template <AsyncBufRead R>
auto read_until(R& reader, std::byte delimiter, std::vector<std::byte>& vec) {
  return internal::operation(internal::ReadUntil<R>(reader, delimiter, vec));
}

// The same for text, through the next LF. Fails with invalid_data if that is not UTF-8, and leaves
// `text` as it was; an I/O error leaves in it what was read before, if that is UTF-8. Not cancel
// safe: destroyed before it is complete it leaves `text` empty. See Lines for what is.
template <AsyncBufRead R>
auto read_line(R& reader, std::string& text) {
  return internal::operation(internal::ReadLine<R>(reader, text));
}

}  // namespace weft::io

#endif  // WEFT_IO_BUF_READ_H_
