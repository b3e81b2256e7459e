// Ipv6PktInfo. Interface: ipv6_pkt_info.h.

#include <weft/net/ancillary/ipv6_pkt_info.h>

#include <array>
#include <cstring>
#include <netinet/in.h>

#include <weft/net/ancillary/internal/plain_payload.h>

namespace weft::net {

bool Ipv6PktInfo::matches(const ControlMessage& message) noexcept {
  return internal::is_payload<::in6_pktinfo>(message, IPPROTO_IPV6, IPV6_PKTINFO);
}

std::optional<Ipv6PktInfo> Ipv6PktInfo::from(const ControlMessage& message) noexcept {
  const auto native = internal::payload<::in6_pktinfo>(message, IPPROTO_IPV6, IPV6_PKTINFO);
  if (!native) return std::nullopt;
  std::array<std::uint8_t, 16> octets;
  static_assert(sizeof octets == sizeof native->ipi6_addr);
  std::memcpy(octets.data(), &native->ipi6_addr, octets.size());
  Ipv6PktInfo info;
  info.index = native->ipi6_ifindex;
  const Ipv6Addr address(octets);
  if (!address.is_unspecified()) info.destination = address;
  return info;
}

}  // namespace weft::net
