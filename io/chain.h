// Chain: one stream after the other.
//
// Spec: io.md section 2 (chain); IO-14.
//
//   Task<std::string> with_header(io::DuplexStream body) {
//     auto header = io::take(io::repeat(std::byte{'='}), 4);
//     auto whole = io::chain(std::move(header), std::move(body));
//     std::string text;
//     const Result<std::size_t> read = co_await whole.read_to_string(text);
//     co_return read ? text : std::string();
//   }

#ifndef WEFT_IO_CHAIN_H_
#define WEFT_IO_CHAIN_H_

#include <cstddef>
#include <span>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/concepts.h>
#include <weft/io/members.h>
#include <weft/io/read_buf.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {

// Reads `first` to its end, then `second`. R and S: AsyncReads, or references to some, which are
// borrowed. Buffered if both are. As cancel safe as they are.
template <class R, class S>
  requires AsyncRead<R> && AsyncRead<S>
class Chain : public ReadMembers<Chain<R, S>>, public BufReadMembers<Chain<R, S>> {
 public:
  Chain(R&& first, S&& second) : first_(std::forward<R>(first)), second_(std::forward<S>(second)) {}

  std::remove_reference_t<R>& first() noexcept { return first_; }
  std::remove_reference_t<S>& second() noexcept { return second_; }
  std::pair<R, S> into_inner() && {
    return std::pair<R, S>(std::forward<R>(first_), std::forward<S>(second_));
  }

  // A read without room says nothing about the end of the first.
  Poll<Result<void>> poll_read(Context& cx, ReadBuf& buf) {
    if (buf.remaining() == 0) return Result<void>();
    if (!first_done_) {
      const std::size_t before = buf.filled().size();
      Poll<Result<void>> polled = internal::model(first_).poll_read(cx, buf);
      if (polled.is_pending() || !*polled || buf.filled().size() != before) return polled;
      first_done_ = true;
    }
    return internal::model(second_).poll_read(cx, buf);
  }

  Poll<Result<std::span<const std::byte>>> poll_fill_buf(Context& cx)
    requires AsyncBufRead<R> && AsyncBufRead<S>
  {
    if (!first_done_) {
      Poll<Result<std::span<const std::byte>>> filled = internal::model(first_).poll_fill_buf(cx);
      if (filled.is_pending() || !*filled || !(**filled).empty()) return filled;
      first_done_ = true;
    }
    return internal::model(second_).poll_fill_buf(cx);
  }
  void consume(std::size_t size)
    requires AsyncBufRead<R> && AsyncBufRead<S>
  {
    if (first_done_) {
      internal::model(second_).consume(size);
    } else {
      internal::model(first_).consume(size);
    }
  }

 private:
  R first_;
  S second_;
  bool first_done_ = false;
};

// Rvalues are moved in, lvalues borrowed.
template <class R, class S>
  requires AsyncRead<R> && AsyncRead<S>
Chain<R, S> chain(R&& first, S&& second) {
  return Chain<R, S>(std::forward<R>(first), std::forward<S>(second));
}

}  // namespace weft::io

#endif  // WEFT_IO_CHAIN_H_
