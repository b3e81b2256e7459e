// What datagram sockets have in common, as members.
//
// Spec: net.md U-1, U-3, U-4, X-2, section 8 (cancel safety).
//
// A socket class derives from them and names itself, and the type of its addresses; SocketAccess
// gives them its registration.
//
// All functions may be called from several threads at a time: a datagram then goes to one of them.
// Awaitables are movable until awaited; the socket has to be there until then, and may go while
// they are suspended: they end with Errc::closed. Buffers have to live until the awaitable has
// completed or is destroyed. Everything here is cancel safe: what was destroyed has received and
// sent nothing.

#ifndef WEFT_NET_INTERNAL_DATAGRAM_MEMBERS_H_
#define WEFT_NET_INTERNAL_DATAGRAM_MEMBERS_H_

#include <cstddef>
#include <span>
#include <string_view>
#include <sys/socket.h>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/read_buf.h>
#include <weft/net/internal/datagram_operations.h>
#include <weft/net/internal/growing_buffer.h>
#include <weft/net/internal/socket_access.h>
#include <weft/net/internal/stream_members.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/poll.h>

namespace weft::net::internal {

// Sending to the peer that the socket is connected to.
template <class Derived>
class DatagramSendMembers {
 public:
  // Yields Result<size_t>: the size of the datagram. Fails with message_size if it is too long,
  // with destination_address_required or not_connected if there is no peer, and with what the peer
  // has answered to an earlier one, such as connection_refused.
  IoPerform<SendDatagram> send(std::span<const std::byte> data) const noexcept {
    return io().perform(SendDatagram(data));
  }
  IoPerform<SendDatagram> send(std::string_view text) const noexcept {
    return send(std::as_bytes(std::span(text)));
  }
  // At once: would_block unless it is known to be possible.
  Result<std::size_t> try_send(std::span<const std::byte> data) const noexcept {
    return io().attempt(SendDatagram(data));
  }
  Result<std::size_t> try_send(std::string_view text) const noexcept {
    return try_send(std::as_bytes(std::span(text)));
  }
  // For hand-written awaitables. Only the last caller of any poll form for sending is woken.
  Poll<Result<std::size_t>> poll_send(Context& cx, std::span<const std::byte> data) const noexcept {
    return io().poll(cx, IoDirection::kWrite, SendDatagram(data));
  }
  Poll<Result<void>> poll_send_ready(Context& cx) const noexcept {
    return io().poll_ready(cx, IoDirection::kWrite);
  }
  // Yields Result<void>: ready to send, as far as is known.
  auto writable() const noexcept { return io().writable(); }

 private:
  const IoRegistration& io() const noexcept {
    return SocketAccess::registration(static_cast<const Derived&>(*this));
  }
};

// Receiving.
template <class Derived>
class DatagramReceiveMembers {
 public:
  // Yields Result<size_t>: the size of a datagram, cut off if it is longer than the buffer. 0 is
  // an empty one, not an end. Fails with what the peer of a connected socket has answered, such as
  // connection_refused, once for each answer.
  IoPerform<ReceiveDatagram> recv(std::span<std::byte> room) const noexcept {
    return io().perform(ReceiveDatagram(room));
  }
  IoPerform<ReceiveDatagram> recv(std::span<char> room) const noexcept {
    return recv(std::as_writable_bytes(room));
  }
  // The same into the free end of a buffer that grows, such as BytesMut: one chunk of it, which
  // should have been reserved.
  template <GrowingBuffer B>
  IoPerform<IntoBuffer<ReceiveDatagram, B>> recv_buf(B& buffer) const noexcept {
    return io().perform(IntoBuffer<ReceiveDatagram, B>(buffer));
  }
  // As recv(), and leaves the datagram to be received again.
  IoPerform<ReceiveDatagram> peek(std::span<std::byte> room) const noexcept {
    return io().perform(ReceiveDatagram(room, MSG_PEEK));
  }
  IoPerform<ReceiveDatagram> peek(std::span<char> room) const noexcept {
    return peek(std::as_writable_bytes(room));
  }

  // At once: would_block unless there is known to be something.
  Result<std::size_t> try_recv(std::span<std::byte> room) const noexcept {
    return io().attempt(ReceiveDatagram(room));
  }
  Result<std::size_t> try_recv(std::span<char> room) const noexcept {
    return try_recv(std::as_writable_bytes(room));
  }
  template <GrowingBuffer B>
  Result<std::size_t> try_recv_buf(B& buffer) const {
    return io().attempt(IntoBuffer<ReceiveDatagram, B>(buffer));
  }
  Result<std::size_t> try_peek(std::span<std::byte> room) const noexcept {
    return io().attempt(ReceiveDatagram(room, MSG_PEEK));
  }
  Result<std::size_t> try_peek(std::span<char> room) const noexcept {
    return try_peek(std::as_writable_bytes(room));
  }

  // For hand-written awaitables. Only the last caller of any poll form for receiving is woken. The
  // datagram is added to `buf`.
  Poll<Result<void>> poll_recv(Context& cx, io::ReadBuf& buf) const noexcept {
    const auto received = poll_into(io(), cx, buf, ReceiveDatagram(buf.unfilled_raw()));
    if (received.is_pending()) return kPending;
    return (*received).transform([](std::size_t) {});
  }
  Poll<Result<void>> poll_recv_ready(Context& cx) const noexcept {
    return io().poll_ready(cx, IoDirection::kRead);
  }
  // Yields Result<void>: ready to receive, as far as is known.
  auto readable() const noexcept { return io().readable(); }

 private:
  const IoRegistration& io() const noexcept {
    return SocketAccess::registration(static_cast<const Derived&>(*this));
  }
};

// Receiving from anyone.
template <class Derived, class Address>
class DatagramFromMembers {
  using From = std::pair<std::size_t, Address>;

 public:
  // As recv(), recv_buf() and peek(), with the sender: yields Result<std::pair<size_t, Address>>.
  IoPerform<ReceiveFrom<Address>> recv_from(std::span<std::byte> room) const noexcept {
    return io().perform(ReceiveFrom<Address>(room));
  }
  IoPerform<ReceiveFrom<Address>> recv_from(std::span<char> room) const noexcept {
    return recv_from(std::as_writable_bytes(room));
  }
  template <GrowingBuffer B>
  IoPerform<IntoBuffer<ReceiveFrom<Address>, B>> recv_buf_from(B& buffer) const noexcept {
    return io().perform(IntoBuffer<ReceiveFrom<Address>, B>(buffer));
  }
  IoPerform<ReceiveFrom<Address>> peek_from(std::span<std::byte> room) const noexcept {
    return io().perform(ReceiveFrom<Address>(room, MSG_PEEK));
  }
  IoPerform<ReceiveFrom<Address>> peek_from(std::span<char> room) const noexcept {
    return peek_from(std::as_writable_bytes(room));
  }
  // Yields Result<Address>: whose datagram is next.
  IoPerform<PeekSender<Address>> peek_sender() const noexcept {
    return io().perform(PeekSender<Address>());
  }

  // At once: would_block unless there is known to be something.
  Result<From> try_recv_from(std::span<std::byte> room) const noexcept {
    return io().attempt(ReceiveFrom<Address>(room));
  }
  Result<From> try_recv_from(std::span<char> room) const noexcept {
    return try_recv_from(std::as_writable_bytes(room));
  }
  template <GrowingBuffer B>
  Result<From> try_recv_buf_from(B& buffer) const {
    return io().attempt(IntoBuffer<ReceiveFrom<Address>, B>(buffer));
  }
  Result<From> try_peek_from(std::span<std::byte> room) const noexcept {
    return io().attempt(ReceiveFrom<Address>(room, MSG_PEEK));
  }
  Result<From> try_peek_from(std::span<char> room) const noexcept {
    return try_peek_from(std::as_writable_bytes(room));
  }
  Result<Address> try_peek_sender() const noexcept { return io().attempt(PeekSender<Address>()); }

  // For hand-written awaitables: the sender; the datagram is added to `buf`.
  Poll<Result<Address>> poll_recv_from(Context& cx, io::ReadBuf& buf) const noexcept {
    return poll_from(cx, buf, 0);
  }
  Poll<Result<Address>> poll_peek_from(Context& cx, io::ReadBuf& buf) const noexcept {
    return poll_from(cx, buf, MSG_PEEK);
  }
  Poll<Result<Address>> poll_peek_sender(Context& cx) const noexcept {
    return io().poll(cx, IoDirection::kRead, PeekSender<Address>());
  }

 private:
  const IoRegistration& io() const noexcept {
    return SocketAccess::registration(static_cast<const Derived&>(*this));
  }
  Poll<Result<Address>> poll_from(Context& cx, io::ReadBuf& buf, int flags) const noexcept {
    Poll<Result<From>> received =
        io().poll(cx, IoDirection::kRead, ReceiveFrom<Address>(buf.unfilled_raw(), flags));
    if (received.is_pending()) return kPending;
    if (!*received) return Result<Address>(Err((*received).error()));
    buf.assume_init((**received).first);
    buf.advance((**received).first);
    return Result<Address>(std::move((**received).second));
  }
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_DATAGRAM_MEMBERS_H_
