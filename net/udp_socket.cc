// UdpSocket: making, connecting, sending to names. Interface: udp_socket.h; the options:
// udp_options.cc.

#include <weft/net/udp_socket.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>
#include <vector>

#include <weft/base/sys.h>
#include <weft/net/internal/socket_name.h>
#include <weft/net/internal/socket_options.h>
#include <weft/net/internal/tcp_maker.h>
#include <weft/net/socket/sock_addr.h>

namespace weft::net {

using weft::internal::IoKind;
using weft::internal::IoRegistration;

namespace {

Result<OwnedFd> bound_to(const SocketAddr& address) noexcept {
  const int domain = address.is_ipv4() ? AF_INET : AF_INET6;
  Result<OwnedFd> socket =
      sys::socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
  if (!socket) return socket;
  const SockAddr native(address);
  const Result<void> bound = sys::bind(*socket, native.data(), native.size());
  if (!bound) return Err(bound.error());
  return socket;
}

}  // namespace

Result<UdpSocket> UdpSocket::adopt(OwnedFd&& fd, Where where) {
  return IoRegistration::create(std::move(fd), IoKind::kDatagram, where)
      .transform([](IoRegistration&& io) { return UdpSocket(std::move(io)); });
}

Task<Result<UdpSocket>> UdpSocket::bind(ToSocketAddrs to, Where where) {
  const Result<std::vector<SocketAddr>> addresses = co_await std::move(to).resolve();
  if (!addresses) co_return Err(addresses.error());
  Error last = std::errc::invalid_argument;
  for (const SocketAddr& address : *addresses) {
    Result<OwnedFd> socket = bound_to(address);
    if (socket) co_return adopt(*std::move(socket), where);
    last = socket.error();
  }
  co_return Err(last);
}

Result<UdpSocket> UdpSocket::from_fd(OwnedFd&& fd, Where where) {
  const Result<void> usable = internal::require_nonblocking(fd);
  if (!usable) return Err(usable.error());
  return adopt(std::move(fd), where);
}

Task<Result<void>> UdpSocket::connect(ToSocketAddrs to) const {
  const Result<std::vector<SocketAddr>> addresses = co_await std::move(to).resolve();
  if (!addresses) co_return Err(addresses.error());
  Error last = std::errc::invalid_argument;
  for (const SocketAddr& address : *addresses) {
    const SockAddr native(address);
    const Result<void> connected =
        io_.with_fd([&](BorrowedFd fd) { return sys::connect(fd, native.data(), native.size()); });
    if (connected) co_return connected;
    last = connected.error();
  }
  co_return Err(last);
}

Task<Result<std::size_t>> UdpSocket::send_to(std::span<const std::byte> data,
                                             ToSocketAddrs to) const {
  const Result<std::vector<SocketAddr>> addresses = co_await std::move(to).resolve();
  if (!addresses) co_return Err(addresses.error());
  if (addresses->empty()) co_return Err(std::errc::invalid_argument);
  const Result<std::size_t> sent = co_await send_to(data, addresses->front());
  co_return sent;
}

Result<SocketAddr> UdpSocket::local_addr() const noexcept {
  return io_.with_fd(&internal::local_addr);
}
Result<SocketAddr> UdpSocket::peer_addr() const noexcept {
  return io_.with_fd(&internal::peer_addr);
}
Result<std::optional<Error>> UdpSocket::take_error() const noexcept {
  return io_.with_fd(&internal::take_error);
}

}  // namespace weft::net
