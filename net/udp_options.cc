// UdpSocket's options: those of SockRef that concern it. Interface: udp_socket.h.

#include <weft/net/udp_socket.h>

#include <weft/net/socket/sock_ref.h>

namespace weft::net {

Result<bool> UdpSocket::broadcast() const noexcept {
  return io_.with_fd([](BorrowedFd fd) { return SockRef(fd)->broadcast(); });
}
Result<void> UdpSocket::set_broadcast(bool value) noexcept {
  return io_.with_fd([=](BorrowedFd fd) { return SockRef(fd)->set_broadcast(value); });
}
Result<bool> UdpSocket::multicast_loop_v4() const noexcept {
  return io_.with_fd([](BorrowedFd fd) { return SockRef(fd)->multicast_loop_v4(); });
}
Result<void> UdpSocket::set_multicast_loop_v4(bool value) noexcept {
  return io_.with_fd([=](BorrowedFd fd) { return SockRef(fd)->set_multicast_loop_v4(value); });
}
Result<std::uint32_t> UdpSocket::multicast_ttl_v4() const noexcept {
  return io_.with_fd([](BorrowedFd fd) { return SockRef(fd)->multicast_ttl_v4(); });
}
Result<void> UdpSocket::set_multicast_ttl_v4(std::uint32_t value) noexcept {
  return io_.with_fd([=](BorrowedFd fd) { return SockRef(fd)->set_multicast_ttl_v4(value); });
}
Result<bool> UdpSocket::multicast_loop_v6() const noexcept {
  return io_.with_fd([](BorrowedFd fd) { return SockRef(fd)->multicast_loop_v6(); });
}
Result<void> UdpSocket::set_multicast_loop_v6(bool value) noexcept {
  return io_.with_fd([=](BorrowedFd fd) { return SockRef(fd)->set_multicast_loop_v6(value); });
}
Result<std::uint32_t> UdpSocket::ttl() const noexcept {
  return io_.with_fd([](BorrowedFd fd) { return SockRef(fd)->ttl_v4(); });
}
Result<void> UdpSocket::set_ttl(std::uint32_t value) noexcept {
  return io_.with_fd([=](BorrowedFd fd) { return SockRef(fd)->set_ttl_v4(value); });
}
Result<std::uint32_t> UdpSocket::tos_v4() const noexcept {
  return io_.with_fd([](BorrowedFd fd) { return SockRef(fd)->tos_v4(); });
}
Result<void> UdpSocket::set_tos_v4(std::uint32_t value) noexcept {
  return io_.with_fd([=](BorrowedFd fd) { return SockRef(fd)->set_tos_v4(value); });
}
Result<std::uint32_t> UdpSocket::tclass_v6() const noexcept {
  return io_.with_fd([](BorrowedFd fd) { return SockRef(fd)->tclass_v6(); });
}
Result<void> UdpSocket::set_tclass_v6(std::uint32_t value) noexcept {
  return io_.with_fd([=](BorrowedFd fd) { return SockRef(fd)->set_tclass_v6(value); });
}
Result<std::optional<std::string>> UdpSocket::device() const {
  return io_.with_fd([](BorrowedFd fd) { return SockRef(fd)->device(); });
}
Result<void> UdpSocket::bind_device(std::optional<std::string_view> name) noexcept {
  return io_.with_fd([=](BorrowedFd fd) { return SockRef(fd)->bind_device(name); });
}
Result<void> UdpSocket::join_multicast_v4(Ipv4Addr group, Ipv4Addr interface) noexcept {
  return io_.with_fd(
      [=](BorrowedFd fd) { return SockRef(fd)->join_multicast_v4(group, interface); });
}
Result<void> UdpSocket::leave_multicast_v4(Ipv4Addr group, Ipv4Addr interface) noexcept {
  return io_.with_fd(
      [=](BorrowedFd fd) { return SockRef(fd)->leave_multicast_v4(group, interface); });
}
Result<void> UdpSocket::join_multicast_v6(Ipv6Addr group, std::uint32_t interface) noexcept {
  return io_.with_fd(
      [=](BorrowedFd fd) { return SockRef(fd)->join_multicast_v6(group, interface); });
}
Result<void> UdpSocket::leave_multicast_v6(Ipv6Addr group, std::uint32_t interface) noexcept {
  return io_.with_fd(
      [=](BorrowedFd fd) { return SockRef(fd)->leave_multicast_v6(group, interface); });
}

}  // namespace weft::net
