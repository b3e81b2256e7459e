// Join: a reader and a writer as one stream.
//
// Spec: io.md Q-6; IO-19.
//
//   Task<Result<void>> talk(io::DuplexStream in, io::DuplexStream out) {
//     auto both = io::join(std::move(in), std::move(out));
//     std::array<char, 2> question{};
//     const Result<std::size_t> read = co_await both.read_exact(std::span<char>(question));
//     if (!read) co_return Err(read.error());
//     co_return co_await both.write_all("yes");
//   }

#ifndef WEFT_IO_JOIN_H_
#define WEFT_IO_JOIN_H_

#include <type_traits>
#include <utility>

#include <weft/io/concepts.h>
#include <weft/io/internal/through.h>
#include <weft/io/members.h>

namespace weft::io {

// Every method of R and of W is passed on to it. R, an AsyncRead, and W, an AsyncWrite, may be
// references, which are borrowed.
template <class R, class W>
  requires AsyncRead<R> && AsyncWrite<W>
class Join : public ReadMembers<Join<R, W>>,
             public BufReadMembers<Join<R, W>>,
             public WriteMembers<Join<R, W>> {
 public:
  Join(R&& reader, W&& writer)
      : reader_(std::forward<R>(reader)), writer_(std::forward<W>(writer)) {}

  std::remove_reference_t<R>& reader() noexcept { return reader_; }
  std::remove_reference_t<W>& writer() noexcept { return writer_; }
  std::pair<R, W> into_inner() && {
    return std::pair<R, W>(std::forward<R>(reader_), std::forward<W>(writer_));
  }

  Poll<Result<void>> poll_read(Context& cx, ReadBuf& buf) {
    return internal::model(reader_).poll_read(cx, buf);
  }
  Poll<Result<std::span<const std::byte>>> poll_fill_buf(Context& cx)
    requires AsyncBufRead<R>
  {
    return internal::model(reader_).poll_fill_buf(cx);
  }
  void consume(std::size_t size)
    requires AsyncBufRead<R>
  {
    internal::model(reader_).consume(size);
  }

  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data) {
    return internal::model(writer_).poll_write(cx, data);
  }
  Poll<Result<std::size_t>> poll_write_vectored(Context& cx, std::span<const IoSlice> slices) {
    return internal::poll_write_vectored(writer_, cx, slices);
  }
  bool is_write_vectored() { return internal::is_write_vectored(writer_); }
  Poll<Result<void>> poll_flush(Context& cx) { return internal::model(writer_).poll_flush(cx); }
  Poll<Result<void>> poll_shutdown(Context& cx) {
    return internal::model(writer_).poll_shutdown(cx);
  }

 private:
  R reader_;
  W writer_;
};

// Rvalues are moved in, lvalues borrowed. (weft::join() awaits several things at once.)
template <class R, class W>
  requires AsyncRead<R> && AsyncWrite<W>
Join<R, W> join(R&& reader, W&& writer) {
  return Join<R, W>(std::forward<R>(reader), std::forward<W>(writer));
}

}  // namespace weft::io

#endif  // WEFT_IO_JOIN_H_
