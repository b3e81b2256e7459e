// Take: the beginning of a stream.
//
// Spec: io.md section 2 (take); IO-3, IO-13.
//
//   // The body of a message whose head has named its size.
//   Task<Result<std::string>> body(io::DuplexStream& stream, std::uint64_t size) {
//     auto part = io::take(stream, size);
//     std::string text;
//     const Result<std::size_t> read = co_await part.read_to_string(text);
//     if (!read) co_return Err(read.error());
//     co_return text;
//   }

#ifndef WEFT_IO_TAKE_H_
#define WEFT_IO_TAKE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <span>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/io/concepts.h>
#include <weft/io/members.h>
#include <weft/io/read_buf.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {

// Ends after `limit` bytes, or when the reader below does. R: an AsyncRead, or a reference to one,
// which is borrowed. Buffered if R is. As cancel safe as R.
template <class R>
  requires AsyncRead<R>
class Take : public ReadMembers<Take<R>>, public BufReadMembers<Take<R>> {
  using Where = std::source_location;

 public:
  Take(R&& inner, std::uint64_t limit) : inner_(std::forward<R>(inner)), limit_(limit) {}

  // How many more bytes there may be.
  std::uint64_t limit() const noexcept { return limit_; }
  // So many more from now on, whatever has been read.
  void set_limit(std::uint64_t limit) noexcept { limit_ = limit; }

  std::remove_reference_t<R>& inner() noexcept { return inner_; }
  R into_inner() && { return std::forward<R>(inner_); }

  // At the limit the reader below is not asked any more.
  Poll<Result<void>> poll_read(Context& cx, ReadBuf& buf) {
    if (limit_ == 0) return Result<void>();
    const std::size_t room = within_limit(buf.remaining());
    if (room == buf.remaining()) {
      const std::size_t before = buf.filled().size();
      Poll<Result<void>> polled = internal::model(inner_).poll_read(cx, buf);
      limit_ -= buf.filled().size() - before;
      return polled;
    }
    ReadBuf part = buf.take(room);
    Poll<Result<void>> polled = internal::model(inner_).poll_read(cx, part);
    const std::size_t read = part.filled().size();
    buf.assume_init(part.initialized().size());
    buf.advance(read);
    limit_ -= read;
    return polled;
  }

  Poll<Result<std::span<const std::byte>>> poll_fill_buf(Context& cx)
    requires AsyncBufRead<R>
  {
    if (limit_ == 0) return Result<std::span<const std::byte>>(std::span<const std::byte>());
    Poll<Result<std::span<const std::byte>>> filled = internal::model(inner_).poll_fill_buf(cx);
    if (filled.is_ready() && *filled) **filled = (**filled).first(within_limit((**filled).size()));
    return filled;
  }
  // Fatal at `where` beyond the limit.
  void consume(std::size_t size, Where where = Where::current())
    requires AsyncBufRead<R>
  {
    WEFT_CHECK(size <= limit_, "Take::consume: beyond its limit", where);
    limit_ -= size;
    internal::model(inner_).consume(size);
  }

 private:
  std::size_t within_limit(std::size_t size) const noexcept {
    return static_cast<std::size_t>(std::min<std::uint64_t>(size, limit_));
  }

  R inner_;
  std::uint64_t limit_;
};

// An rvalue is moved in, an lvalue borrowed.
template <class R>
  requires AsyncRead<R>
Take<R> take(R&& reader, std::uint64_t limit) {
  return Take<R>(std::forward<R>(reader), limit);
}

}  // namespace weft::io

#endif  // WEFT_IO_TAKE_H_
