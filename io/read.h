// read, read_buf, read_vectored, read_exact: bytes from a stream.
//
// Spec: io.md section 2, section 5; IO-1, IO-2, IO-5, T-6.
//
// Each takes a std::span<std::byte> or a std::span<char>, which has to live, as the reader, until
// the operation has completed or is destroyed. They read straight into it.
//
//   Task<Result<std::array<char, 4>>> magic_number(io::DuplexStream& stream) {
//     std::array<char, 4> magic{};
//     const Result<std::size_t> read = co_await io::read_exact(stream, std::span<char>(magic));
//     if (!read) co_return Err(read.error());
//     co_return magic;
//   }

#ifndef WEFT_IO_READ_H_
#define WEFT_IO_READ_H_

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/buf.h>
#include <weft/io/concepts.h>
#include <weft/io/internal/operation.h>
#include <weft/io/io_slice.h>
#include <weft/io/read_buf.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {
namespace internal {

// What poll_read() has put into `buf`, which was empty.
inline Poll<Result<std::size_t>> count_read(const Poll<Result<void>>& polled, const ReadBuf& buf) {
  if (polled.is_pending()) return kPending;
  if (!*polled) return Err(polled->error());
  return Result<std::size_t>(buf.filled().size());
}

template <AsyncRead R>
Poll<Result<std::size_t>> poll_read_into(R& reader, Context& cx, std::span<std::byte> room) {
  ReadBuf buf(room);
  const Poll<Result<void>> polled = model(reader).poll_read(cx, buf);
  return count_read(polled, buf);
}
// The same into memory that was never written.
template <AsyncRead R>
Poll<Result<std::size_t>> poll_read_uninit(R& reader, Context& cx, std::span<std::byte> room) {
  ReadBuf buf = ReadBuf::uninit(room);
  const Poll<Result<void>> polled = model(reader).poll_read(cx, buf);
  return count_read(polled, buf);
}

template <AsyncRead R>
class ReadOnce {
 public:
  ReadOnce(R& reader, std::span<std::byte> room) noexcept : reader_(&reader), room_(room) {}
  Poll<Result<std::size_t>> operator()(Context& cx) { return poll_read_into(*reader_, cx, room_); }
  auto& subject() const noexcept { return *reader_; }
  static constexpr const char* kWaitingOn = "read";

 private:
  R* reader_;
  std::span<std::byte> room_;
};

template <AsyncRead R>
class ReadVectored {
 public:
  ReadVectored(R& reader, std::span<IoSliceMut> slices) noexcept
      : reader_(&reader), slices_(slices) {}
  Poll<Result<std::size_t>> operator()(Context& cx) {
    if constexpr (requires { model(*reader_).poll_read_vectored(cx, slices_); }) {
      return model(*reader_).poll_read_vectored(cx, slices_);
    } else {
      std::span<std::byte> first;
      for (const IoSliceMut& slice : slices_) {
        first = slice.bytes();
        if (!first.empty()) break;
      }
      return poll_read_into(*reader_, cx, first);
    }
  }
  auto& subject() const noexcept { return *reader_; }
  static constexpr const char* kWaitingOn = "read_vectored";

 private:
  R* reader_;
  std::span<IoSliceMut> slices_;
};

template <AsyncRead R>
class ReadExact {
 public:
  ReadExact(R& reader, std::span<std::byte> room) noexcept
      : reader_(&reader), rest_(room), size_(room.size()) {}
  Poll<Result<std::size_t>> operator()(Context& cx) {
    while (!rest_.empty()) {
      const Poll<Result<std::size_t>> read = poll_read_into(*reader_, cx, rest_);
      if (read.is_pending() || !*read) return read;
      if (**read == 0) return Err(Errc::unexpected_eof);
      rest_ = rest_.subspan(**read);
    }
    return Result<std::size_t>(size_);
  }
  auto& subject() const noexcept { return *reader_; }
  static constexpr const char* kWaitingOn = "read_exact";

 private:
  R* reader_;
  std::span<std::byte> rest_;
  std::size_t size_;
};

template <AsyncRead R>
class ReadExactShared {
 public:
  using Bytes = std::shared_ptr<std::byte[]>;

  ReadExactShared(R& reader, std::size_t size)
      : bytes_(std::make_shared_for_overwrite<std::byte[]>(size)),
        read_(reader, std::span(bytes_.get(), size)) {}
  Poll<Result<Bytes>> operator()(Context& cx) {
    const Poll<Result<std::size_t>> read = read_(cx);
    if (read.is_pending()) return kPending;
    if (!*read) return Err(read->error());
    return Result<Bytes>(std::move(bytes_));
  }
  auto& subject() const noexcept { return read_.subject(); }
  static constexpr const char* kWaitingOn = "read_exact_shared";

 private:
  Bytes bytes_;
  ReadExact<R> read_;
};

template <AsyncRead R, BufMut B>
class ReadBuffer {
 public:
  ReadBuffer(R& reader, B& buffer) noexcept : reader_(&reader), buffer_(&buffer) {}
  Poll<Result<std::size_t>> operator()(Context& cx) {
    if (buffer_->remaining_mut() == 0) return Result<std::size_t>(0);
    const Poll<Result<std::size_t>> read = poll_read_uninit(*reader_, cx, buffer_->chunk_mut());
    if (read.is_ready() && *read) buffer_->advance_mut(**read);
    return read;
  }
  auto& subject() const noexcept { return *reader_; }
  static constexpr const char* kWaitingOn = "read_buf";

 private:
  R* reader_;
  B* buffer_;
};

}  // namespace internal

// Yields Result<size_t>: how much one read gave; 0 is the end of the stream, or an empty `room`.
// Cancel safe.
template <AsyncRead R>
auto read(R& reader, std::span<std::byte> room) {
  return internal::operation(internal::ReadOnce<R>(reader, room));
}
template <AsyncRead R>
auto read(R& reader, std::span<char> room) {
  return read(reader, std::as_writable_bytes(room));
}

// The same into several pieces, if the reader has a poll_read_vectored(); into the first that is
// not empty otherwise. Cancel safe.
template <AsyncRead R>
auto read_vectored(R& reader, std::span<IoSliceMut> slices) {
  return internal::operation(internal::ReadVectored<R>(reader, slices));
}

// One read into the room behind what `buffer` holds, which grows by it; memory that was never
// written is not zeroed for that. 0 is the end of the stream, or a buffer without room. Cancel
// safe.
template <AsyncRead R, BufMut B>
auto read_buf(R& reader, B& buffer) {
  return internal::operation(internal::ReadBuffer<R, B>(reader, buffer));
}

// Yields Result<size_t>: the size of `room`, which is full. Fails with unexpected_eof if the stream
// ends before; what `room` holds is then unspecified. Not cancel safe.
template <AsyncRead R>
auto read_exact(R& reader, std::span<std::byte> room) {
  return internal::operation(internal::ReadExact<R>(reader, room));
}
template <AsyncRead R>
auto read_exact(R& reader, std::span<char> room) {
  return read_exact(reader, std::as_writable_bytes(room));
}

// Yields Result<std::shared_ptr<std::byte[]>>: the next `size` bytes, in memory of their own that
// was not zeroed first. Fails, and is not cancel safe, as read_exact(). Throws std::bad_alloc.
template <AsyncRead R>
auto read_exact_shared(R& reader, std::size_t size) {
  return internal::operation(internal::ReadExactShared<R>(reader, size));
}

}  // namespace weft::io

#endif  // WEFT_IO_READ_H_
