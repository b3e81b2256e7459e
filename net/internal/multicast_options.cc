// MulticastOptions. Interface: multicast_options.h.

#include <weft/net/internal/multicast_options.h>

#include <array>
#include <cstring>
#include <netinet/in.h>

#include <weft/net/internal/socket_options.h>

namespace weft::net::internal {

namespace {

::in_addr to_native(Ipv4Addr address) noexcept { return {htonl(address.to_bits())}; }

Result<void> set_membership(BorrowedFd fd, int name, Ipv4Addr group, Ipv4Addr interface) noexcept {
  ::ip_mreq option{};
  option.imr_multiaddr = to_native(group);
  option.imr_interface = to_native(interface);
  return set_option(fd, IPPROTO_IP, name, option);
}

Result<void> set_membership_n(BorrowedFd fd, int name, Ipv4Addr group, Ipv4Addr interface,
                              std::uint32_t index) noexcept {
  ::ip_mreqn option{};
  option.imr_multiaddr = to_native(group);
  option.imr_address = to_native(interface);
  option.imr_ifindex = static_cast<int>(index);  // too large is negative: no such device
  return set_option(fd, IPPROTO_IP, name, option);
}

Result<void> set_source_membership(BorrowedFd fd, int name, Ipv4Addr source, Ipv4Addr group,
                                   Ipv4Addr interface) noexcept {
  ::ip_mreq_source option{};  // by name: its fields are in another order elsewhere
  option.imr_sourceaddr = to_native(source);
  option.imr_multiaddr = to_native(group);
  option.imr_interface = to_native(interface);
  return set_option(fd, IPPROTO_IP, name, option);
}

Result<void> set_membership_v6(BorrowedFd fd, int name, Ipv6Addr group,
                               std::uint32_t index) noexcept {
  ::ipv6_mreq option{};
  const std::array<std::uint8_t, 16> octets = group.octets();
  std::memcpy(&option.ipv6mr_multiaddr, octets.data(), octets.size());
  option.ipv6mr_interface = index;
  return set_option(fd, IPPROTO_IPV6, name, option);
}

}  // namespace

Result<void> MulticastOptions::join_multicast_v4(Ipv4Addr group,
                                                 Ipv4Addr interface) const noexcept {
  return set_membership(as_fd(), IP_ADD_MEMBERSHIP, group, interface);
}
Result<void> MulticastOptions::leave_multicast_v4(Ipv4Addr group,
                                                  Ipv4Addr interface) const noexcept {
  return set_membership(as_fd(), IP_DROP_MEMBERSHIP, group, interface);
}
Result<void> MulticastOptions::join_multicast_v4_n(Ipv4Addr group,
                                                   std::uint32_t index) const noexcept {
  return set_membership_n(as_fd(), IP_ADD_MEMBERSHIP, group, Ipv4Addr::unspecified(), index);
}
Result<void> MulticastOptions::join_multicast_v4_n(Ipv4Addr group,
                                                   Ipv4Addr interface) const noexcept {
  return set_membership_n(as_fd(), IP_ADD_MEMBERSHIP, group, interface, 0);
}
Result<void> MulticastOptions::leave_multicast_v4_n(Ipv4Addr group,
                                                    std::uint32_t index) const noexcept {
  return set_membership_n(as_fd(), IP_DROP_MEMBERSHIP, group, Ipv4Addr::unspecified(), index);
}
Result<void> MulticastOptions::leave_multicast_v4_n(Ipv4Addr group,
                                                    Ipv4Addr interface) const noexcept {
  return set_membership_n(as_fd(), IP_DROP_MEMBERSHIP, group, interface, 0);
}
Result<void> MulticastOptions::join_ssm_v4(Ipv4Addr source, Ipv4Addr group,
                                           Ipv4Addr interface) const noexcept {
  return set_source_membership(as_fd(), IP_ADD_SOURCE_MEMBERSHIP, source, group, interface);
}
Result<void> MulticastOptions::leave_ssm_v4(Ipv4Addr source, Ipv4Addr group,
                                            Ipv4Addr interface) const noexcept {
  return set_source_membership(as_fd(), IP_DROP_SOURCE_MEMBERSHIP, source, group, interface);
}
Result<void> MulticastOptions::join_multicast_v6(Ipv6Addr group,
                                                 std::uint32_t index) const noexcept {
  return set_membership_v6(as_fd(), IPV6_ADD_MEMBERSHIP, group, index);
}
Result<void> MulticastOptions::leave_multicast_v6(Ipv6Addr group,
                                                  std::uint32_t index) const noexcept {
  return set_membership_v6(as_fd(), IPV6_DROP_MEMBERSHIP, group, index);
}

Result<Ipv4Addr> MulticastOptions::multicast_if_v4() const noexcept {
  return get_option<::in_addr>(as_fd(), IPPROTO_IP, IP_MULTICAST_IF)
      .transform(
          [](const ::in_addr& address) { return Ipv4Addr::from_bits(ntohl(address.s_addr)); });
}
Result<void> MulticastOptions::set_multicast_if_v4(Ipv4Addr interface) const noexcept {
  return set_option(as_fd(), IPPROTO_IP, IP_MULTICAST_IF, to_native(interface));
}
Result<std::uint32_t> MulticastOptions::multicast_if_v6() const noexcept {
  return get_number(as_fd(), IPPROTO_IPV6, IPV6_MULTICAST_IF);
}
Result<void> MulticastOptions::set_multicast_if_v6(std::uint32_t value) const noexcept {
  return set_number(as_fd(), IPPROTO_IPV6, IPV6_MULTICAST_IF, value);
}
Result<bool> MulticastOptions::multicast_loop_v4() const noexcept {
  return get_flag(as_fd(), IPPROTO_IP, IP_MULTICAST_LOOP);
}
Result<void> MulticastOptions::set_multicast_loop_v4(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_IP, IP_MULTICAST_LOOP, value);
}
Result<bool> MulticastOptions::multicast_loop_v6() const noexcept {
  return get_flag(as_fd(), IPPROTO_IPV6, IPV6_MULTICAST_LOOP);
}
Result<void> MulticastOptions::set_multicast_loop_v6(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_IPV6, IPV6_MULTICAST_LOOP, value);
}
Result<std::uint32_t> MulticastOptions::multicast_ttl_v4() const noexcept {
  return get_number(as_fd(), IPPROTO_IP, IP_MULTICAST_TTL);
}
Result<void> MulticastOptions::set_multicast_ttl_v4(std::uint32_t value) const noexcept {
  return set_number(as_fd(), IPPROTO_IP, IP_MULTICAST_TTL, value);
}
Result<std::uint32_t> MulticastOptions::multicast_hops_v6() const noexcept {
  return get_number(as_fd(), IPPROTO_IPV6, IPV6_MULTICAST_HOPS);
}
Result<void> MulticastOptions::set_multicast_hops_v6(std::uint32_t value) const noexcept {
  return set_number(as_fd(), IPPROTO_IPV6, IPV6_MULTICAST_HOPS, value);
}
Result<bool> MulticastOptions::multicast_all_v4() const noexcept {
  return get_flag(as_fd(), IPPROTO_IP, IP_MULTICAST_ALL);
}
Result<void> MulticastOptions::set_multicast_all_v4(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_IP, IP_MULTICAST_ALL, value);
}
Result<bool> MulticastOptions::multicast_all_v6() const noexcept {
  return get_flag(as_fd(), IPPROTO_IPV6, IPV6_MULTICAST_ALL);
}
Result<void> MulticastOptions::set_multicast_all_v6(bool value) const noexcept {
  return set_flag(as_fd(), IPPROTO_IPV6, IPV6_MULTICAST_ALL, value);
}

}  // namespace weft::net::internal
