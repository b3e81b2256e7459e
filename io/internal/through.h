// ReadThrough, WriteThrough, SeekThrough: poll forms that a wrapper passes on as they are.
//
// Spec: io.md sections 2, 3 ("writes pass through"), Q-6; IO-19.
//
// A wrapper derives from those of what it does not change, and has stream_below(), which returns
// the stream to pass on to. S is that stream's type: a form exists if it exists there.

#ifndef WEFT_IO_INTERNAL_THROUGH_H_
#define WEFT_IO_INTERNAL_THROUGH_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include <weft/base/result.h>
#include <weft/io/concepts.h>
#include <weft/io/io_slice.h>
#include <weft/io/read_buf.h>
#include <weft/io/seek_from.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io::internal {

template <class Derived, class S>
class ReadThrough {
 public:
  Poll<Result<void>> poll_read(Context& cx, ReadBuf& buf)
    requires AsyncRead<S>
  {
    return below().poll_read(cx, buf);
  }
  Poll<Result<std::span<const std::byte>>> poll_fill_buf(Context& cx)
    requires AsyncBufRead<S>
  {
    return below().poll_fill_buf(cx);
  }
  void consume(std::size_t size)
    requires AsyncBufRead<S>
  {
    below().consume(size);
  }

 private:
  auto& below() { return model(static_cast<Derived&>(*this).stream_below()); }
};

template <class Derived, class S>
class WriteThrough {
 public:
  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data)
    requires AsyncWrite<S>
  {
    return model(below()).poll_write(cx, data);
  }
  Poll<Result<std::size_t>> poll_write_vectored(Context& cx, std::span<const IoSlice> slices)
    requires AsyncWrite<S>
  {
    return internal::poll_write_vectored(below(), cx, slices);
  }
  bool is_write_vectored()
    requires AsyncWrite<S>
  {
    return internal::is_write_vectored(below());
  }
  Poll<Result<void>> poll_flush(Context& cx)
    requires AsyncWrite<S>
  {
    return model(below()).poll_flush(cx);
  }
  Poll<Result<void>> poll_shutdown(Context& cx)
    requires AsyncWrite<S>
  {
    return model(below()).poll_shutdown(cx);
  }

 private:
  auto& below() { return static_cast<Derived&>(*this).stream_below(); }
};

template <class Derived, class S>
class SeekThrough {
 public:
  Result<void> start_seek(SeekFrom where)
    requires AsyncSeek<S>
  {
    return below().start_seek(where);
  }
  Poll<Result<std::uint64_t>> poll_complete(Context& cx)
    requires AsyncSeek<S>
  {
    return below().poll_complete(cx);
  }

 private:
  auto& below() { return model(static_cast<Derived&>(*this).stream_below()); }
};

}  // namespace weft::io::internal

#endif  // WEFT_IO_INTERNAL_THROUGH_H_
