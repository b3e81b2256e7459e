// MulticastOptions: the options of a net::Socket about datagrams to groups.
//
// Spec: S-X27 .. S-X32.
//
// What all functions promise: socket_handle.h; of options in particular: socket_level_options.h.
// Leaving a group that was not joined is address_not_available.

#ifndef WEFT_NET_INTERNAL_MULTICAST_OPTIONS_H_
#define WEFT_NET_INTERNAL_MULTICAST_OPTIONS_H_

#include <cstdint>

#include <weft/base/result.h>
#include <weft/net/internal/ip_options.h>
#include <weft/net/ip_addr.h>

namespace weft::net::internal {

class MulticastOptions : public Ipv6Options {
 public:
  // Joins, and leaves, `group` on the interface that has the address `interface`; unspecified is
  // one of the system's choice (IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP).
  Result<void> join_multicast_v4(Ipv4Addr group, Ipv4Addr interface) const noexcept;
  Result<void> leave_multicast_v4(Ipv4Addr group, Ipv4Addr interface) const noexcept;
  // The same with the interface by its index, or by its address; 0 is the system's choice.
  Result<void> join_multicast_v4_n(Ipv4Addr group, std::uint32_t index) const noexcept;
  Result<void> join_multicast_v4_n(Ipv4Addr group, Ipv4Addr interface) const noexcept;
  Result<void> leave_multicast_v4_n(Ipv4Addr group, std::uint32_t index) const noexcept;
  Result<void> leave_multicast_v4_n(Ipv4Addr group, Ipv4Addr interface) const noexcept;
  // Only what `source` sends to the group (IP_ADD_SOURCE_MEMBERSHIP, IP_DROP_SOURCE_MEMBERSHIP).
  Result<void> join_ssm_v4(Ipv4Addr source, Ipv4Addr group, Ipv4Addr interface) const noexcept;
  Result<void> leave_ssm_v4(Ipv4Addr source, Ipv4Addr group, Ipv4Addr interface) const noexcept;
  // The interface by its index; 0 is the system's choice (IPV6_ADD_MEMBERSHIP,
  // IPV6_DROP_MEMBERSHIP).
  Result<void> join_multicast_v6(Ipv6Addr group, std::uint32_t index) const noexcept;
  Result<void> leave_multicast_v6(Ipv6Addr group, std::uint32_t index) const noexcept;

  // IP_MULTICAST_IF, by address, and IPV6_MULTICAST_IF, by index: the interface that datagrams to
  // groups leave by. Unspecified, and 0, are the system's choice.
  Result<Ipv4Addr> multicast_if_v4() const noexcept;
  Result<void> set_multicast_if_v4(Ipv4Addr interface) const noexcept;
  Result<std::uint32_t> multicast_if_v6() const noexcept;
  Result<void> set_multicast_if_v6(std::uint32_t index) const noexcept;
  // IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP: this machine hears what it sends to groups it is in.
  Result<bool> multicast_loop_v4() const noexcept;
  Result<void> set_multicast_loop_v4(bool value) const noexcept;
  Result<bool> multicast_loop_v6() const noexcept;
  Result<void> set_multicast_loop_v6(bool value) const noexcept;
  // IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS: how many routers datagrams to groups may pass, 0 to 255.
  Result<std::uint32_t> multicast_ttl_v4() const noexcept;
  Result<void> set_multicast_ttl_v4(std::uint32_t value) const noexcept;
  Result<std::uint32_t> multicast_hops_v6() const noexcept;
  Result<void> set_multicast_hops_v6(std::uint32_t value) const noexcept;
  // IP_MULTICAST_ALL, IPV6_MULTICAST_ALL (4.20): receives from groups that other sockets of this
  // machine have joined too. On unless cleared.
  Result<bool> multicast_all_v4() const noexcept;
  Result<void> set_multicast_all_v4(bool value) const noexcept;
  Result<bool> multicast_all_v6() const noexcept;
  Result<void> set_multicast_all_v6(bool value) const noexcept;

 protected:
  using Ipv6Options::Ipv6Options;
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_MULTICAST_OPTIONS_H_
