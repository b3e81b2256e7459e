// read_to_end, read_to_string: all the rest of a stream.
//
// Spec: io.md section 2, section 5; IO-10, IO-11.
//
// They append to what the container holds and read straight into it. It grows to twice its size,
// and by 32 bytes at least; but when it has just become full for the first time, a small read
// elsewhere finds out whether it was large enough: a container that was reserved for exactly what
// comes is not grown.
//
//   Task<Result<std::string>> whole(io::DuplexStream stream) {
//     std::string text;
//     const Result<std::size_t> read = co_await io::read_to_string(stream, text);
//     if (!read) co_return Err(read.error());
//     co_return text;
//   }

#ifndef WEFT_IO_READ_TO_END_H_
#define WEFT_IO_READ_TO_END_H_

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <weft/base/result.h>
#include <weft/io/concepts.h>
#include <weft/io/internal/operation.h>
#include <weft/io/internal/tail.h>
#include <weft/io/internal/utf8.h>
#include <weft/io/read.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {
namespace internal {

// One read behind what `tail` holds; 0: the end of the stream.
template <AsyncRead R, class Container>
Poll<Result<std::size_t>> poll_read_tail(R& reader, Context& cx, Tail<Container>& tail) {
  if (tail.should_probe()) {
    std::array<std::byte, Tail<Container>::kProbe> side;
    const Poll<Result<std::size_t>> read = poll_read_uninit(reader, cx, side);
    if (read.is_ready() && *read) tail.append(std::span(side).first(**read));
    return read;
  }
  const Poll<Result<std::size_t>> read = poll_read_into(reader, cx, tail.room());
  if (read.is_ready() && *read) tail.advance(**read);
  return read;
}

template <AsyncRead R>
class ReadToEnd {
 public:
  ReadToEnd(R& reader, std::vector<std::byte>& vec) noexcept : reader_(&reader), tail_(vec) {}
  Poll<Result<std::size_t>> operator()(Context& cx) {
    tail_.begin();
    for (;;) {
      const Poll<Result<std::size_t>> read = poll_read_tail(*reader_, cx, tail_);
      if (read.is_pending()) return kPending;
      if (*read && **read != 0) continue;
      const std::size_t added = tail_.added_size();
      tail_.finish();
      if (!*read) return read;
      return Result<std::size_t>(added);
    }
  }
  auto& subject() const noexcept { return *reader_; }
  static constexpr const char* kWaitingOn = "read_to_end";

 private:
  R* reader_;
  Tail<std::vector<std::byte>> tail_;
};

template <AsyncRead R>
class ReadToString {
 public:
  ReadToString(R& reader, std::string& text) noexcept : reader_(&reader), tail_(text) {}
  ReadToString(ReadToString&&) noexcept = default;
  ReadToString& operator=(ReadToString&&) = delete;
  // Destroyed before it is complete, it leaves the text as it was.
  ~ReadToString() { tail_.rewind(); }

  Poll<Result<std::size_t>> operator()(Context& cx) {
    tail_.begin();
    for (;;) {
      const Poll<Result<std::size_t>> read = poll_read_tail(*reader_, cx, tail_);
      if (read.is_pending()) return kPending;
      if (*read && **read != 0) continue;
      Result<std::size_t> result = *read ? Result<std::size_t>(tail_.added_size()) : *read;
      if (result && !is_utf8(tail_.added())) result = Err(Errc::invalid_data);
      if (!result) tail_.rewind();
      tail_.finish();
      return result;
    }
  }
  auto& subject() const noexcept { return *reader_; }
  static constexpr const char* kWaitingOn = "read_to_string";

 private:
  R* reader_;
  Tail<std::string> tail_;
};

}  // namespace internal

// Yields Result<size_t>: how many bytes were appended to `vec`, up to the end of the stream. On an
// error what was read before stays. Not cancel safe, but what was read then is in `vec`, too; while
// the operation exists it holds `vec` for itself. Throws std::bad_alloc.
template <AsyncRead R>
auto read_to_end(R& reader, std::vector<std::byte>& vec) {
  return internal::operation(internal::ReadToEnd<R>(reader, vec));
}

// The same for text. Fails with invalid_data if what was read is not UTF-8; on any error, and if it
// is destroyed, `text` is as before. Not cancel safe.
template <AsyncRead R>
auto read_to_string(R& reader, std::string& text) {
  return internal::operation(internal::ReadToString<R>(reader, text));
}

}  // namespace weft::io

#endif  // WEFT_IO_READ_TO_END_H_
