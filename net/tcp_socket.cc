// TcpSocket. Interface: tcp_socket.h.

#include <weft/net/tcp_socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <weft/base/sys.h>
#include <weft/net/internal/socket_name.h>
#include <weft/net/internal/socket_options.h>
#include <weft/net/internal/tcp_maker.h>
#include <weft/net/socket/sock_addr.h>

namespace weft::net {

namespace {

using internal::get_flag;
using internal::get_number;
using internal::set_flag;
using internal::set_number;

}  // namespace

Result<TcpSocket> TcpSocket::new_v4() {
  return internal::TcpMaker::open(AF_INET).transform(
      [](OwnedFd&& fd) { return TcpSocket(std::move(fd)); });
}
Result<TcpSocket> TcpSocket::new_v6() {
  return internal::TcpMaker::open(AF_INET6).transform(
      [](OwnedFd&& fd) { return TcpSocket(std::move(fd)); });
}
Result<TcpSocket> TcpSocket::from_fd(OwnedFd&& fd) {
  const Result<void> usable = internal::require_nonblocking(fd);
  if (!usable) return Err(usable.error());
  return TcpSocket(std::move(fd));
}

Result<void> TcpSocket::set_reuseaddr(bool value) noexcept {
  return set_flag(fd_, SOL_SOCKET, SO_REUSEADDR, value);
}
Result<bool> TcpSocket::reuseaddr() const noexcept {
  return get_flag(fd_, SOL_SOCKET, SO_REUSEADDR);
}
Result<void> TcpSocket::set_reuseport(bool value) noexcept {
  return set_flag(fd_, SOL_SOCKET, SO_REUSEPORT, value);
}
Result<bool> TcpSocket::reuseport() const noexcept {
  return get_flag(fd_, SOL_SOCKET, SO_REUSEPORT);
}
Result<void> TcpSocket::set_keepalive(bool value) noexcept {
  return set_flag(fd_, SOL_SOCKET, SO_KEEPALIVE, value);
}
Result<bool> TcpSocket::keepalive() const noexcept {
  return get_flag(fd_, SOL_SOCKET, SO_KEEPALIVE);
}
Result<void> TcpSocket::set_nodelay(bool value) noexcept {
  return set_flag(fd_, IPPROTO_TCP, TCP_NODELAY, value);
}
Result<bool> TcpSocket::nodelay() const noexcept { return get_flag(fd_, IPPROTO_TCP, TCP_NODELAY); }
Result<void> TcpSocket::set_send_buffer_size(std::uint32_t bytes) noexcept {
  return set_number(fd_, SOL_SOCKET, SO_SNDBUF, bytes);
}
Result<std::uint32_t> TcpSocket::send_buffer_size() const noexcept {
  return get_number(fd_, SOL_SOCKET, SO_SNDBUF);
}
Result<void> TcpSocket::set_recv_buffer_size(std::uint32_t bytes) noexcept {
  return set_number(fd_, SOL_SOCKET, SO_RCVBUF, bytes);
}
Result<std::uint32_t> TcpSocket::recv_buffer_size() const noexcept {
  return get_number(fd_, SOL_SOCKET, SO_RCVBUF);
}

Result<void> TcpSocket::set_linger(std::optional<std::chrono::seconds> value) noexcept {
  return internal::set_linger(fd_, value);
}
Result<std::optional<std::chrono::seconds>> TcpSocket::linger() const noexcept {
  return internal::get_linger(fd_);
}
Result<void> TcpSocket::set_zero_linger() noexcept { return set_linger(std::chrono::seconds(0)); }

Result<void> TcpSocket::set_tos_v4(std::uint32_t value) noexcept {
  return set_number(fd_, IPPROTO_IP, IP_TOS, value);
}
Result<std::uint32_t> TcpSocket::tos_v4() const noexcept {
  return get_number(fd_, IPPROTO_IP, IP_TOS);
}
Result<void> TcpSocket::set_tclass_v6(std::uint32_t value) noexcept {
  return set_number(fd_, IPPROTO_IPV6, IPV6_TCLASS, value);
}
Result<std::uint32_t> TcpSocket::tclass_v6() const noexcept {
  return get_number(fd_, IPPROTO_IPV6, IPV6_TCLASS);
}

Result<void> TcpSocket::bind_device(std::optional<std::string_view> name) noexcept {
  return internal::bind_device(fd_, name);
}
Result<std::optional<std::string>> TcpSocket::device() const { return internal::get_device(fd_); }

Result<void> TcpSocket::bind(SocketAddr address) noexcept {
  const SockAddr native(address);
  return sys::bind(fd_, native.data(), native.size());
}
Result<SocketAddr> TcpSocket::local_addr() const noexcept { return internal::local_addr(fd_); }
Result<std::optional<Error>> TcpSocket::take_error() const noexcept {
  return internal::take_error(fd_);
}

Task<Result<TcpStream>> TcpSocket::connect(SocketAddr address, Where where) && {
  return internal::TcpMaker::connect(std::move(fd_), address, where);
}

Result<TcpListener> TcpSocket::listen(std::uint32_t backlog, Where where) && {
  OwnedFd socket = std::move(fd_);
  return internal::TcpMaker::listen(std::move(socket), backlog, where);
}

}  // namespace weft::net
