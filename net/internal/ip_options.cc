// Ipv4Options, Ipv6Options. Interface: ip_options.h.

#include <weft/net/internal/ip_options.h>

#include <algorithm>
#include <netinet/in.h>
#include <optional>

#include <weft/base/sys.h>
#include <weft/net/internal/socket_options.h>
#include <weft/net/socket/sock_addr.h>

namespace weft::net::internal {

namespace {

// SO_ORIGINAL_DST and IP6T_SO_ORIGINAL_DST; <linux/netfilter_ipv4.h> does not go with
// <netinet/in.h>.
constexpr int kOriginalDestination = 80;

Result<SocketAddr> original_destination(BorrowedFd fd, int level) noexcept {
  SockAddrStorage storage;
  ::socklen_t size = SockAddrStorage::size();
  const Result<void> got = sys::getsockopt(fd, level, kOriginalDestination, storage.data(), &size);
  if (!got) return Err(got.error());
  const SockAddr address(storage, std::min<std::size_t>(size, SockAddrStorage::size()));
  const std::optional<SocketAddr> inet = address.as_socket();
  if (!inet) return Err(Errc::invalid_data);
  return *inet;
}

}  // namespace

Result<bool> Ipv4Options::header_included_v4() const noexcept {
  return get_flag(as_fd(), IPPROTO_IP, IP_HDRINCL);
}
Result<void> Ipv4Options::set_header_included_v4(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_IP, IP_HDRINCL, value);
}
Result<bool> Ipv4Options::ip_transparent_v4() const noexcept {
  return get_flag(as_fd(), IPPROTO_IP, IP_TRANSPARENT);
}
Result<void> Ipv4Options::set_ip_transparent_v4(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_IP, IP_TRANSPARENT, value);
}
Result<bool> Ipv4Options::freebind_v4() const noexcept {
  return get_flag(as_fd(), IPPROTO_IP, IP_FREEBIND);
}
Result<void> Ipv4Options::set_freebind_v4(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_IP, IP_FREEBIND, value);
}
Result<bool> Ipv4Options::bind_address_no_port() const noexcept {
  return get_flag(as_fd(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
}
Result<void> Ipv4Options::set_bind_address_no_port(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, value);
}
Result<std::uint32_t> Ipv4Options::ttl_v4() const noexcept { return get_ttl(as_fd()); }
Result<void> Ipv4Options::set_ttl_v4(std::uint32_t value) const noexcept {
  return set_ttl(as_fd(), value);
}
Result<std::uint32_t> Ipv4Options::tos_v4() const noexcept {
  return get_number(as_fd(), IPPROTO_IP, IP_TOS);
}
Result<void> Ipv4Options::set_tos_v4(std::uint32_t value) const noexcept {
  return set_number(as_fd(), IPPROTO_IP, IP_TOS, value);
}
Result<bool> Ipv4Options::recv_tos_v4() const noexcept {
  return get_flag(as_fd(), IPPROTO_IP, IP_RECVTOS);
}
Result<void> Ipv4Options::set_recv_tos_v4(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_IP, IP_RECVTOS, value);
}
Result<bool> Ipv4Options::pktinfo_v4() const noexcept {
  return get_flag(as_fd(), IPPROTO_IP, IP_PKTINFO);
}
Result<void> Ipv4Options::set_pktinfo_v4(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_IP, IP_PKTINFO, value);
}
Result<SocketAddr> Ipv4Options::original_dst_v4() const noexcept {
  return original_destination(as_fd(), IPPROTO_IP);
}

Result<bool> Ipv6Options::header_included_v6() const noexcept {
  return get_flag(as_fd(), IPPROTO_IPV6, IPV6_HDRINCL);
}
Result<void> Ipv6Options::set_header_included_v6(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_IPV6, IPV6_HDRINCL, value);
}
Result<bool> Ipv6Options::ip_transparent_v6() const noexcept {
  return get_flag(as_fd(), IPPROTO_IPV6, IPV6_TRANSPARENT);
}
Result<void> Ipv6Options::set_ip_transparent_v6(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_IPV6, IPV6_TRANSPARENT, value);
}
Result<bool> Ipv6Options::freebind_v6() const noexcept {
  return get_flag(as_fd(), IPPROTO_IPV6, IPV6_FREEBIND);
}
Result<void> Ipv6Options::set_freebind_v6(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_IPV6, IPV6_FREEBIND, value);
}
Result<int> Ipv6Options::unicast_hops_v6() const noexcept {
  return get_int(as_fd(), IPPROTO_IPV6, IPV6_UNICAST_HOPS);
}
Result<void> Ipv6Options::set_unicast_hops_v6(int value) const noexcept {
  return set_int(as_fd(), IPPROTO_IPV6, IPV6_UNICAST_HOPS, value);
}
Result<bool> Ipv6Options::only_v6() const noexcept {
  return get_flag(as_fd(), IPPROTO_IPV6, IPV6_V6ONLY);
}
Result<void> Ipv6Options::set_only_v6(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_IPV6, IPV6_V6ONLY, value);
}
Result<std::uint32_t> Ipv6Options::tclass_v6() const noexcept {
  return get_number(as_fd(), IPPROTO_IPV6, IPV6_TCLASS);
}
Result<void> Ipv6Options::set_tclass_v6(std::uint32_t value) const noexcept {
  return set_number(as_fd(), IPPROTO_IPV6, IPV6_TCLASS, value);
}
Result<bool> Ipv6Options::recv_tclass_v6() const noexcept {
  return get_flag(as_fd(), IPPROTO_IPV6, IPV6_RECVTCLASS);
}
Result<void> Ipv6Options::set_recv_tclass_v6(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_IPV6, IPV6_RECVTCLASS, value);
}
Result<bool> Ipv6Options::recv_hoplimit_v6() const noexcept {
  return get_flag(as_fd(), IPPROTO_IPV6, IPV6_RECVHOPLIMIT);
}
Result<void> Ipv6Options::set_recv_hoplimit_v6(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_IPV6, IPV6_RECVHOPLIMIT, value);
}
Result<bool> Ipv6Options::recv_pktinfo_v6() const noexcept {
  return get_flag(as_fd(), IPPROTO_IPV6, IPV6_RECVPKTINFO);
}
Result<void> Ipv6Options::set_recv_pktinfo_v6(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_IPV6, IPV6_RECVPKTINFO, value);
}
Result<SocketAddr> Ipv6Options::original_dst_v6() const noexcept {
  return original_destination(as_fd(), IPPROTO_IPV6);
}

}  // namespace weft::net::internal
