// Ipv4Options, Ipv6Options: the options of a net::Socket that internet sockets have (IPPROTO_IP,
// IPPROTO_IPV6), except those of multicast.
//
// Spec: S-X17 .. S-X26.
//
// What all functions promise: socket_handle.h; of options in particular: socket_level_options.h.
// An IPv6 socket that carries IPv4 too, as one does without only_v6, has the options of both.

#ifndef WEFT_NET_INTERNAL_IP_OPTIONS_H_
#define WEFT_NET_INTERNAL_IP_OPTIONS_H_

#include <cstdint>

#include <weft/base/result.h>
#include <weft/net/internal/socket_level_options.h>
#include <weft/net/socket_addr.h>

namespace weft::net::internal {

class Ipv4Options : public SocketOptions {
 public:
  // IP_HDRINCL: what is sent begins with an IP header of the sender's. Raw sockets only.
  Result<bool> header_included_v4() const noexcept;
  Result<void> set_header_included_v4(bool value) const noexcept;
  // IP_TRANSPARENT: may bind to, and send from, addresses that are not this machine's, as a proxy
  // does. Setting needs CAP_NET_ADMIN.
  Result<bool> ip_transparent_v4() const noexcept;
  Result<void> set_ip_transparent_v4(bool value) const noexcept;
  // IP_FREEBIND: may bind to an address that this machine does not have yet.
  Result<bool> freebind_v4() const noexcept;
  Result<void> set_freebind_v4(bool value) const noexcept;
  // IP_BIND_ADDRESS_NO_PORT (4.2): bind() to port 0 leaves the port to connect().
  Result<bool> bind_address_no_port() const noexcept;
  Result<void> set_bind_address_no_port(bool value) const noexcept;
  // IP_TTL: how many routers a packet may pass, 1 to 255.
  Result<std::uint32_t> ttl_v4() const noexcept;
  Result<void> set_ttl_v4(std::uint32_t value) const noexcept;
  // IP_TOS: 0 to 255. On a stream the kernel keeps the lowest two bits for itself.
  Result<std::uint32_t> tos_v4() const noexcept;
  Result<void> set_tos_v4(std::uint32_t value) const noexcept;
  // IP_RECVTOS, IP_PKTINFO: each datagram comes with its TOS; with its destination and interface.
  Result<bool> recv_tos_v4() const noexcept;
  Result<void> set_recv_tos_v4(bool value) const noexcept;
  Result<bool> pktinfo_v4() const noexcept;
  Result<void> set_pktinfo_v4(bool value) const noexcept;
  // SO_ORIGINAL_DST: where a connection was going before the firewall redirected it.
  // no_such_file_or_directory if it did not.
  Result<SocketAddr> original_dst_v4() const noexcept;

 protected:
  using SocketOptions::SocketOptions;
};

class Ipv6Options : public Ipv4Options {
 public:
  // As their namesakes for IPv4: IPV6_HDRINCL (4.5), IPV6_TRANSPARENT, IPV6_FREEBIND (4.15).
  Result<bool> header_included_v6() const noexcept;
  Result<void> set_header_included_v6(bool value) const noexcept;
  Result<bool> ip_transparent_v6() const noexcept;
  Result<void> set_ip_transparent_v6(bool value) const noexcept;
  Result<bool> freebind_v6() const noexcept;
  Result<void> set_freebind_v6(bool value) const noexcept;
  // IPV6_UNICAST_HOPS: how many routers a packet may pass, 0 to 255; -1 is the system's default.
  Result<int> unicast_hops_v6() const noexcept;
  Result<void> set_unicast_hops_v6(int value) const noexcept;
  // IPV6_V6ONLY: no IPv4 through this socket. To be set before bind().
  Result<bool> only_v6() const noexcept;
  Result<void> set_only_v6(bool value) const noexcept;
  // IPV6_TCLASS: 0 to 255.
  Result<std::uint32_t> tclass_v6() const noexcept;
  Result<void> set_tclass_v6(std::uint32_t value) const noexcept;
  // IPV6_RECVTCLASS, IPV6_RECVHOPLIMIT, IPV6_RECVPKTINFO: each datagram comes with its traffic
  // class; its hop limit; its destination and interface.
  Result<bool> recv_tclass_v6() const noexcept;
  Result<void> set_recv_tclass_v6(bool value) const noexcept;
  Result<bool> recv_hoplimit_v6() const noexcept;
  Result<void> set_recv_hoplimit_v6(bool value) const noexcept;
  Result<bool> recv_pktinfo_v6() const noexcept;
  Result<void> set_recv_pktinfo_v6(bool value) const noexcept;
  // IP6T_SO_ORIGINAL_DST: as original_dst_v4().
  Result<SocketAddr> original_dst_v6() const noexcept;

 protected:
  using Ipv4Options::Ipv4Options;
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_IP_OPTIONS_H_
