// write, write_all, write_vectored, write_buf, flush, shutdown: bytes to a stream.
//
// Spec: io.md section 3, section 5; IO-20..IO-23, IO-54.
//
// Each takes a std::span<const std::byte> or a std::string_view, which has to live, as the writer,
// until the operation has completed or is destroyed.
//
//   Task<Result<void>> answer(io::DuplexStream& stream) {
//     const Result<void> written = co_await io::write_all(stream, "200 ok\n");
//     if (!written) co_return written;
//     co_return co_await io::shutdown(stream);
//   }

#ifndef WEFT_IO_WRITE_H_
#define WEFT_IO_WRITE_H_

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include <weft/base/result.h>
#include <weft/io/buf.h>
#include <weft/io/concepts.h>
#include <weft/io/internal/operation.h>
#include <weft/io/io_slice.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {
namespace internal {

template <AsyncWrite W>
class WriteOnce {
 public:
  WriteOnce(W& writer, std::span<const std::byte> data) noexcept : writer_(&writer), data_(data) {}
  Poll<Result<std::size_t>> operator()(Context& cx) {
    return model(*writer_).poll_write(cx, data_);
  }
  auto& subject() const noexcept { return *writer_; }
  static constexpr const char* kWaitingOn = "write";

 private:
  W* writer_;
  std::span<const std::byte> data_;
};

template <AsyncWrite W>
class WriteVectored {
 public:
  WriteVectored(W& writer, std::span<const IoSlice> slices) noexcept
      : writer_(&writer), slices_(slices) {}
  Poll<Result<std::size_t>> operator()(Context& cx) {
    return poll_write_vectored(*writer_, cx, slices_);
  }
  auto& subject() const noexcept { return *writer_; }
  static constexpr const char* kWaitingOn = "write_vectored";

 private:
  W* writer_;
  std::span<const IoSlice> slices_;
};

template <AsyncWrite W>
class WriteAll {
 public:
  WriteAll(W& writer, std::span<const std::byte> data) noexcept : writer_(&writer), rest_(data) {}
  Poll<Result<void>> operator()(Context& cx) {
    while (!rest_.empty()) {
      const Poll<Result<std::size_t>> written = model(*writer_).poll_write(cx, rest_);
      if (written.is_pending()) return kPending;
      if (!*written) return Err(written->error());
      if (**written == 0) return Err(Errc::write_zero);
      rest_ = rest_.subspan(**written);
    }
    return Result<void>();
  }
  auto& subject() const noexcept { return *writer_; }
  static constexpr const char* kWaitingOn = "write_all";

 private:
  W* writer_;
  std::span<const std::byte> rest_;
};

template <AsyncWrite W>
class WriteAllVectored {
 public:
  WriteAllVectored(W& writer, std::span<IoSlice> slices) noexcept
      : writer_(&writer), rest_(slices) {}
  Poll<Result<void>> operator()(Context& cx) {
    for (drop(0); !rest_.empty();) {
      const Poll<Result<std::size_t>> written =
          poll_write_vectored(*writer_, cx, std::span<const IoSlice>(rest_));
      if (written.is_pending()) return kPending;
      if (!*written) return Err(written->error());
      if (**written == 0) return Err(Errc::write_zero);
      drop(**written);
    }
    return Result<void>();
  }
  auto& subject() const noexcept { return *writer_; }
  static constexpr const char* kWaitingOn = "write_all_vectored";

 private:
  // Lets go of the first `size` bytes, and of empty slices in front.
  void drop(std::size_t size) noexcept {
    while (!rest_.empty() && size >= rest_.front().size()) {
      size -= rest_.front().size();
      rest_ = rest_.subspan(1);
    }
    if (size > 0) rest_.front().advance(size);
  }

  W* writer_;
  std::span<IoSlice> rest_;
};

// One write of what `buffer` holds, which lets go of what was written.
template <AsyncWrite W, Buf B>
Poll<Result<std::size_t>> poll_write_buffer(W& writer, Context& cx, B& buffer) {
  if (buffer.remaining() == 0) return Result<std::size_t>(0);
  Poll<Result<std::size_t>> written = kPending;
  if (is_write_vectored(writer)) {
    constexpr std::size_t kMostSlices = 64;
    std::array<IoSlice, kMostSlices> slices;
    const std::size_t count = io::chunks_vectored(buffer, std::span<IoSlice>(slices));
    written = poll_write_vectored(writer, cx, std::span<const IoSlice>(slices).first(count));
  } else {
    written = model(writer).poll_write(cx, buffer.chunk());
  }
  if (written.is_ready() && *written) buffer.advance(**written);
  return written;
}

template <AsyncWrite W, Buf B>
class WriteBuffer {
 public:
  WriteBuffer(W& writer, B& buffer) noexcept : writer_(&writer), buffer_(&buffer) {}
  Poll<Result<std::size_t>> operator()(Context& cx) {
    return poll_write_buffer(*writer_, cx, *buffer_);
  }
  auto& subject() const noexcept { return *writer_; }
  static constexpr const char* kWaitingOn = "write_buf";

 private:
  W* writer_;
  B* buffer_;
};

template <AsyncWrite W, Buf B>
class WriteAllBuffer {
 public:
  WriteAllBuffer(W& writer, B& buffer) noexcept : writer_(&writer), buffer_(&buffer) {}
  Poll<Result<void>> operator()(Context& cx) {
    while (buffer_->remaining() > 0) {
      const Poll<Result<std::size_t>> written = poll_write_buffer(*writer_, cx, *buffer_);
      if (written.is_pending()) return kPending;
      if (!*written) return Err(written->error());
      if (**written == 0) return Err(Errc::write_zero);
    }
    return Result<void>();
  }
  auto& subject() const noexcept { return *writer_; }
  static constexpr const char* kWaitingOn = "write_all_buf";

 private:
  W* writer_;
  B* buffer_;
};

template <AsyncWrite W>
class Flush {
 public:
  explicit Flush(W& writer) noexcept : writer_(&writer) {}
  Poll<Result<void>> operator()(Context& cx) { return model(*writer_).poll_flush(cx); }
  auto& subject() const noexcept { return *writer_; }
  static constexpr const char* kWaitingOn = "flush";

 private:
  W* writer_;
};

template <AsyncWrite W>
class Shutdown {
 public:
  explicit Shutdown(W& writer) noexcept : writer_(&writer) {}
  Poll<Result<void>> operator()(Context& cx) { return model(*writer_).poll_shutdown(cx); }
  auto& subject() const noexcept { return *writer_; }
  static constexpr const char* kWaitingOn = "shutdown";

 private:
  W* writer_;
};

}  // namespace internal

// Yields Result<size_t>: how much one write took, which may be less than all; 0 of what was not
// empty: it takes no more. Cancel safe: destroyed before it is complete it has written nothing.
template <AsyncWrite W>
auto write(W& writer, std::span<const std::byte> data) {
  return internal::operation(internal::WriteOnce<W>(writer, data));
}
template <AsyncWrite W>
auto write(W& writer, std::string_view text) {
  return write(writer, std::as_bytes(std::span(text)));
}

// The same with several pieces: of a writer that is not vectored, of the first that is not empty.
// Cancel safe. The slices, too, have to live until it is complete.
template <AsyncWrite W>
auto write_vectored(W& writer, std::span<const IoSlice> slices) {
  return internal::operation(internal::WriteVectored<W>(writer, slices));
}

// Yields Result<void>: everything was written; nothing at all is called for empty `data`. Fails
// with write_zero if the writer takes no more. Not cancel safe: nobody is told how much was
// written.
template <AsyncWrite W>
auto write_all(W& writer, std::span<const std::byte> data) {
  return internal::operation(internal::WriteAll<W>(writer, data));
}
template <AsyncWrite W>
auto write_all(W& writer, std::string_view text) {
  return write_all(writer, std::as_bytes(std::span(text)));
}

// The same for several pieces; uses the slices up. Skips empty ones. Not cancel safe.
template <AsyncWrite W>
auto write_all_vectored(W& writer, std::span<IoSlice> slices) {
  return internal::operation(internal::WriteAllVectored<W>(writer, slices));
}

// Yields Result<size_t>: how much of `buffer` one write took; `buffer` lets go of that. Up to 64
// pieces go into one call, if buffer and writer are vectored. Cancel safe.
template <AsyncWrite W, Buf B>
auto write_buf(W& writer, B& buffer) {
  return internal::operation(internal::WriteBuffer<W, B>(writer, buffer));
}

// Yields Result<void>: `buffer` is used up. Fails with write_zero if the writer takes no more.
// Destroyed, or failed, it has let go of exactly what was written: call it again.
template <AsyncWrite W, Buf B>
auto write_all_buf(W& writer, B& buffer) {
  return internal::operation(internal::WriteAllBuffer<W, B>(writer, buffer));
}

// Yields Result<void>: what was written before has been passed on. Cancel safe: what was passed on
// is not passed on twice.
template <AsyncWrite W>
auto flush(W& writer) {
  return internal::operation(internal::Flush<W>(writer));
}

// Yields Result<void>: flushed, and nothing more will be written. Call it before the writer is
// destroyed, if it matters that everything arrives. Cancel safe: it may be called again.
template <AsyncWrite W>
auto shutdown(W& writer) {
  return internal::operation(internal::Shutdown<W>(writer));
}

}  // namespace weft::io

#endif  // WEFT_IO_WRITE_H_
