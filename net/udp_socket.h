// UdpSocket: datagrams over the internet.
//
// Spec: net.md section 3, section 1; N-26..N-31.
//
// A socket is bound first, and then talks to anyone, or connects: then it sends to one peer, and
// receives only from it. A datagram may be lost, doubled, or overtaken by another; one that arrives
// is whole.
//
//   // Sends the next datagram back to whoever sent it.
//   Task<Result<std::size_t>> echo_one(const net::UdpSocket& socket) {
//     std::array<char, 1500> room;
//     const auto received = co_await socket.recv_from(room);
//     if (!received) co_return Err(received.error());
//     const auto& [size, sender] = *received;
//     co_return co_await socket.send_to(std::string_view(room.data(), size), sender);
//   }

#ifndef WEFT_NET_UDP_SOCKET_H_
#define WEFT_NET_UDP_SOCKET_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/ancillary/internal/message_members.h>
#include <weft/net/internal/datagram_members.h>
#include <weft/net/ip_addr.h>
#include <weft/net/socket_addr.h>
#include <weft/net/to_socket_addrs.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/task.h>

namespace weft::net {

// Receiving, and sending on a connected socket: see internal/datagram_members.h. Any number of
// tasks may use it at the same time. Moving, destroying and the && functions need it for
// themselves.
class [[nodiscard]] UdpSocket : public internal::ReadinessMembers<UdpSocket>,
                                public internal::DatagramSendMembers<UdpSocket>,
                                public internal::DatagramReceiveMembers<UdpSocket>,
                                public internal::DatagramFromMembers<UdpSocket, SocketAddr>,
                                public internal::MessageMembers<UdpSocket>,
                                public internal::MessageToMembers<UdpSocket, SocketAddr> {
  using Where = std::source_location;
  using SendTo = internal::SendTo<SocketAddr>;

 public:
  // Binds to the first of the addresses that works; the last error if none does, invalid_argument
  // if there are none. Port 0 lets the system choose. Fatal without a runtime that has I/O.
  // Cancel safe: destroyed, it holds nothing.
  static Task<Result<UdpSocket>> bind(ToSocketAddrs to, Where where = Where::current());

  // Takes over a non-blocking datagram socket; `fd` is moved from only on success. Fails with
  // invalid_argument if it is blocking. Fatal without a runtime that has I/O.
  static Result<UdpSocket> from_fd(OwnedFd&& fd, Where where = Where::current());
  // Gives the socket back, non-blocking; tasks waiting for it end with Errc::closed. Fails with
  // device_or_resource_busy while another thread is in a call on it, and then changes nothing.
  Result<OwnedFd> into_fd() && { return std::move(io_).into_fd(); }

  // Closes now; tasks waiting for it, and whatever is done later, end with Errc::closed. May be
  // repeated.
  Result<void> close() noexcept { return io_.close(); }

  // Makes one address the peer: the first that works, as bind(). May be repeated with another. The
  // socket has to outlive the task. Cancel safe: the peer is the new one or still the old one.
  Task<Result<void>> connect(ToSocketAddrs to) const;

  // Yields Result<size_t>: the size of the datagram. Sends to `to`, whoever the peer is. Fails as
  // send(). Cancel safe.
  weft::internal::IoPerform<SendTo> send_to(std::span<const std::byte> data,
                                            SocketAddr to) const noexcept {
    return io_.perform(SendTo(data, to));
  }
  weft::internal::IoPerform<SendTo> send_to(std::string_view text, SocketAddr to) const noexcept {
    return send_to(std::as_bytes(std::span(text)), to);
  }
  // To the first of several addresses, or of those that a name has; invalid_argument if there are
  // none. The data has to live until the task is done. Cancel safe: destroyed, it has sent nothing.
  Task<Result<std::size_t>> send_to(std::span<const std::byte> data, ToSocketAddrs to) const;
  Task<Result<std::size_t>> send_to(std::string_view text, ToSocketAddrs to) const {
    return send_to(std::as_bytes(std::span(text)), std::move(to));
  }
  // At once: would_block unless it is known to be possible.
  Result<std::size_t> try_send_to(std::span<const std::byte> data, SocketAddr to) const noexcept {
    return io_.attempt(SendTo(data, to));
  }
  Result<std::size_t> try_send_to(std::string_view text, SocketAddr to) const noexcept {
    return try_send_to(std::as_bytes(std::span(text)), to);
  }
  // For hand-written awaitables. Only the last caller of any poll form for sending is woken.
  Poll<Result<std::size_t>> poll_send_to(Context& cx, std::span<const std::byte> data,
                                         SocketAddr to) const noexcept {
    return io_.poll(cx, weft::internal::IoDirection::kWrite, SendTo(data, to));
  }

  Result<SocketAddr> local_addr() const noexcept;
  // Fails with not_connected if there is no peer.
  Result<SocketAddr> peer_addr() const noexcept;
  // The error that the socket holds, which this takes out of it.
  Result<std::optional<Error>> take_error() const noexcept;

  // May send to broadcast addresses (SO_BROADCAST).
  Result<bool> broadcast() const noexcept;
  Result<void> set_broadcast(bool value) noexcept;
  // Whether multicast that is sent from here is received here (IP_MULTICAST_LOOP), and how many
  // routers it may pass (IP_MULTICAST_TTL).
  Result<bool> multicast_loop_v4() const noexcept;
  Result<void> set_multicast_loop_v4(bool value) noexcept;
  Result<std::uint32_t> multicast_ttl_v4() const noexcept;
  Result<void> set_multicast_ttl_v4(std::uint32_t value) noexcept;
  Result<bool> multicast_loop_v6() const noexcept;
  Result<void> set_multicast_loop_v6(bool value) noexcept;
  // How many routers a datagram may pass (IP_TTL).
  Result<std::uint32_t> ttl() const noexcept;
  Result<void> set_ttl(std::uint32_t value) noexcept;
  // The traffic class octet of IPv4 packets (IP_TOS), and of IPv6 ones (IPV6_TCLASS).
  Result<std::uint32_t> tos_v4() const noexcept;
  Result<void> set_tos_v4(std::uint32_t value) noexcept;
  Result<std::uint32_t> tclass_v6() const noexcept;
  Result<void> set_tclass_v6(std::uint32_t value) noexcept;
  // Restricts the socket to a network interface; nothing lifts that. May need a privilege.
  Result<std::optional<std::string>> device() const;
  Result<void> bind_device(std::optional<std::string_view> name) noexcept;
  // Receives what is sent to `group`, on the interface that has the address, or the index; the
  // unspecified address and 0 let the system choose.
  Result<void> join_multicast_v4(Ipv4Addr group, Ipv4Addr interface) noexcept;
  Result<void> leave_multicast_v4(Ipv4Addr group, Ipv4Addr interface) noexcept;
  Result<void> join_multicast_v6(Ipv6Addr group, std::uint32_t interface) noexcept;
  Result<void> leave_multicast_v6(Ipv6Addr group, std::uint32_t interface) noexcept;

  // Valid until closed; fatal after that.
  BorrowedFd as_fd(Where where = Where::current()) const noexcept { return io_.as_fd(where); }

 private:
  friend class internal::SocketAccess;

  explicit UdpSocket(weft::internal::IoRegistration io) noexcept : io_(std::move(io)) {}
  static Result<UdpSocket> adopt(OwnedFd&& fd, Where where);

  const weft::internal::IoRegistration& registration() const noexcept { return io_; }

  weft::internal::IoRegistration io_;
};

}  // namespace weft::net

#endif  // WEFT_NET_UDP_SOCKET_H_
