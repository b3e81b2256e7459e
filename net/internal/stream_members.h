// What byte streams over descriptors, and their halves, have in common, as members.
//
// Spec: net.md G-4..G-8, C-9..C-11, section 8 (cancel safety); io.md sections 2, 3.
//
// Each class derives from those that fit it and names itself, and how bytes are moved: by the
// calls of sockets or of pipes. It gives them its registration, and WriteMembers its way to end the
// writing side, through SocketAccess:
//
//   class TcpStream : public ReadMembers<TcpStream>, public WriteMembers<TcpStream> {
//     friend class SocketAccess;
//     const IoRegistration& registration() const noexcept;
//     Result<void> shutdown_write() const noexcept;
//   };
//
// All functions may be called from several threads at a time. Awaitables are movable until awaited;
// the stream has to be there until then, and may go while they are suspended: they end with
// Errc::closed. Buffers have to live until the awaitable has completed or is destroyed.

#ifndef WEFT_NET_INTERNAL_STREAM_MEMBERS_H_
#define WEFT_NET_INTERNAL_STREAM_MEMBERS_H_

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/io_slice.h>
#include <weft/io/members.h>
#include <weft/io/read_buf.h>
#include <weft/io/ready.h>
#include <weft/net/internal/growing_buffer.h>
#include <weft/net/internal/immediate.h>
#include <weft/net/internal/socket_access.h>
#include <weft/net/internal/stream_operations.h>
#include <weft/net/internal/transfer_all.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/poll.h>

namespace weft::net::internal {

using weft::internal::IoDirection;
using weft::internal::IoPerform;
using weft::internal::IoRegistration;

// How bytes go through sockets.
struct SocketBytes {
  using Read = Receive;
  using ReadVectored = ReceiveVectored;
  using Write = Send;
  using WriteVectored = SendVectored;
};

// One poll of a reading operation whose room is the unfilled part of `buf`.
template <class Op>
Poll<Result<std::size_t>> poll_into(const IoRegistration& io, Context& cx, io::ReadBuf& buf,
                                    Op op) noexcept {
  Poll<Result<std::size_t>> moved = io.poll(cx, IoDirection::kRead, op);
  if (moved.is_ready() && *moved) {
    buf.assume_init(**moved);
    buf.advance(**moved);
  }
  return moved;
}

// Waiting for readiness; operations of the user's own.
template <class Derived>
class ReadinessMembers {
 public:
  // Yields Result<Ready>: which of `interest` is ready, as far as is known; it may have changed.
  // Cancel safe.
  auto ready(io::Interest interest) const noexcept { return io().ready(interest); }

  // Yields what fn() returns, a Result of one non-blocking call on this socket. fn is called when
  // something of `interest` is ready, and again after "would block". As cancel safe as fn.
  template <class F>
  auto async_io(io::Interest interest, F&& fn) const {
    return io().async_io(interest, std::forward<F>(fn));
  }
  // The same at once: would_block, without calling fn, if nothing of `interest` is known to be
  // ready.
  template <class F>
  auto try_io(io::Interest interest, F&& fn) const {
    return io().try_io(interest, std::forward<F>(fn));
  }

 private:
  const IoRegistration& io() const noexcept {
    return SocketAccess::registration(static_cast<const Derived&>(*this));
  }
};

// What is not here, such as read_to_end() and read_u32(), is weft::io's.
template <class Derived, class Bytes = SocketBytes>
class ReadMembers : public io::ReadMembers<Derived> {
  using Read = typename Bytes::Read;
  using ReadVectored = typename Bytes::ReadVectored;

 public:
  // For io::copy(), which lets the kernel do it (io/internal/kernel_copy.h): this class is nothing
  // but its descriptor.
  using KernelReader = Derived;
  const IoRegistration& read_registration() const noexcept { return io(); }

  // Yields Result<size_t>: how much was read; 0 is the end of the stream, or an empty buffer, for
  // which nothing is waited. Fails with connection_reset and the like. Cancel safe.
  IoPerform<Read> read(std::span<std::byte> room) const noexcept {
    return io().perform(Read(room));
  }
  IoPerform<Read> read(std::span<char> room) const noexcept {
    return read(std::as_writable_bytes(room));
  }
  IoPerform<ReadVectored> read_vectored(std::span<io::IoSliceMut> room) const noexcept {
    return io().perform(ReadVectored(room));
  }
  // The same into the free end of a buffer that grows, such as BytesMut: one chunk of it.
  template <GrowingBuffer B>
  IoPerform<IntoBuffer<Read, B>> read_buf(B& buffer) const noexcept {
    return io().perform(IntoBuffer<Read, B>(buffer));
  }

  // Yields Result<size_t>: the size of `room`, which is full. Fails with unexpected_eof if the
  // stream ends before. Not cancel safe.
  ReadExact<Read> read_exact(std::span<std::byte> room) const noexcept {
    return ReadExact<Read>(io().record(), room);
  }
  ReadExact<Read> read_exact(std::span<char> room) const noexcept {
    return read_exact(std::as_writable_bytes(room));
  }

  // Yields Result<void>: ready to read, or at its end, as far as is known. Cancel safe.
  auto readable() const noexcept { return io().readable(); }

  // At once: would_block unless there is known to be something to read.
  Result<std::size_t> try_read(std::span<std::byte> room) const noexcept {
    return io().attempt(Read(room));
  }
  Result<std::size_t> try_read(std::span<char> room) const noexcept {
    return try_read(std::as_writable_bytes(room));
  }
  Result<std::size_t> try_read_vectored(std::span<io::IoSliceMut> room) const noexcept {
    return io().attempt(ReadVectored(room));
  }
  template <GrowingBuffer B>
  Result<std::size_t> try_read_buf(B& buffer) const {
    return io().attempt(IntoBuffer<Read, B>(buffer));
  }

  // For hand-written awaitables. Only the last caller of any poll form for reading is woken.
  Poll<Result<void>> poll_read(Context& cx, io::ReadBuf& buf) const noexcept {
    const Poll<Result<std::size_t>> read = poll_into(io(), cx, buf, Read(buf.unfilled_raw()));
    if (read.is_pending()) return kPending;
    return (*read).transform([](std::size_t) {});
  }
  Poll<Result<void>> poll_read_ready(Context& cx) const noexcept {
    return io().poll_ready(cx, IoDirection::kRead);
  }

 private:
  const IoRegistration& io() const noexcept {
    return SocketAccess::registration(static_cast<const Derived&>(*this));
  }
};

// Looking at what will be read next: for sockets, which have a call for it.
template <class Derived>
class PeekMembers {
 public:
  // As read(), and leaves the bytes to be read again. Cancel safe.
  IoPerform<Peek> peek(std::span<std::byte> room) const noexcept {
    return io().perform(Peek(room));
  }
  IoPerform<Peek> peek(std::span<char> room) const noexcept {
    return peek(std::as_writable_bytes(room));
  }

  // How much was peeked stands in `buf` as if it had been read.
  Poll<Result<std::size_t>> poll_peek(Context& cx, io::ReadBuf& buf) const noexcept {
    return poll_into(io(), cx, buf, Peek(buf.unfilled_raw()));
  }

 private:
  const IoRegistration& io() const noexcept {
    return SocketAccess::registration(static_cast<const Derived&>(*this));
  }
};

// Derived gives shutdown_write(), too. What is not here, such as write_all_buf() and write_u32(),
// is weft::io's.
template <class Derived, class Bytes = SocketBytes>
class WriteMembers : public io::WriteMembers<Derived> {
  using Write = typename Bytes::Write;
  using WriteVectored = typename Bytes::WriteVectored;

 public:
  // As in ReadMembers.
  using KernelWriter = Derived;
  const IoRegistration& write_registration() const noexcept { return io(); }

  // Yields Result<size_t>: how much was written, at least 1 of what was not empty. Fails with
  // broken_pipe, connection_reset and the like. Cancel safe: destroyed, it has written nothing.
  IoPerform<Write> write(std::span<const std::byte> data) const noexcept {
    return io().perform(Write(data));
  }
  IoPerform<Write> write(std::string_view text) const noexcept {
    return write(std::as_bytes(std::span(text)));
  }
  IoPerform<WriteVectored> write_vectored(std::span<const io::IoSlice> data) const noexcept {
    return io().perform(WriteVectored(data));
  }
  static constexpr bool is_write_vectored() noexcept { return true; }

  // Yields Result<void>: everything was written. Not cancel safe.
  WriteAll<Write> write_all(std::span<const std::byte> data) const noexcept {
    return WriteAll<Write>(io().record(), data);
  }
  WriteAll<Write> write_all(std::string_view text) const noexcept {
    return write_all(std::as_bytes(std::span(text)));
  }

  // Yields Result<void>. There is nothing to flush. Cancel safe.
  auto flush() const noexcept {
    return Immediate([]() noexcept { return Result<void>(); });
  }
  // Yields Result<void>: nothing more will be written; the peer reads to the end of what was.
  // Reading goes on. May be repeated. Cancel safe.
  auto shutdown() noexcept {
    return Immediate([this]() noexcept { return SocketAccess::shutdown_write(derived()); });
  }

  // Yields Result<void>: ready to write, or closed for it, as far as is known. Cancel safe.
  auto writable() const noexcept { return io().writable(); }

  // At once: would_block unless it is known to be possible.
  Result<std::size_t> try_write(std::span<const std::byte> data) const noexcept {
    return io().attempt(Write(data));
  }
  Result<std::size_t> try_write(std::string_view text) const noexcept {
    return try_write(std::as_bytes(std::span(text)));
  }
  Result<std::size_t> try_write_vectored(std::span<const io::IoSlice> data) const noexcept {
    return io().attempt(WriteVectored(data));
  }

  // For hand-written awaitables. Only the last caller of any poll form for writing is woken.
  Poll<Result<std::size_t>> poll_write(Context& cx,
                                       std::span<const std::byte> data) const noexcept {
    return io().poll(cx, IoDirection::kWrite, Write(data));
  }
  Poll<Result<std::size_t>> poll_write_vectored(Context& cx,
                                                std::span<const io::IoSlice> data) const noexcept {
    return io().poll(cx, IoDirection::kWrite, WriteVectored(data));
  }
  Poll<Result<void>> poll_flush(Context&) const noexcept { return Result<void>(); }
  Poll<Result<void>> poll_shutdown(Context&) noexcept {
    return SocketAccess::shutdown_write(derived());
  }
  Poll<Result<void>> poll_write_ready(Context& cx) const noexcept {
    return io().poll_ready(cx, IoDirection::kWrite);
  }

 private:
  const IoRegistration& io() const noexcept {
    return SocketAccess::registration(static_cast<const Derived&>(*this));
  }
  Derived& derived() noexcept { return static_cast<Derived&>(*this); }
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_STREAM_MEMBERS_H_
