// Ipv4PktInfo. Interface: ipv4_pkt_info.h.

#include <weft/net/ancillary/ipv4_pkt_info.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <weft/net/ancillary/internal/plain_payload.h>

namespace weft::net {
namespace {

std::optional<Ipv4Addr> address(::in_addr native) noexcept {
  const Ipv4Addr address = Ipv4Addr::from_bits(ntohl(native.s_addr));
  return address.is_unspecified() ? std::nullopt : std::optional(address);
}

}  // namespace

bool Ipv4PktInfo::matches(const ControlMessage& message) noexcept {
  return internal::is_payload<::in_pktinfo>(message, IPPROTO_IP, IP_PKTINFO);
}

std::optional<Ipv4PktInfo> Ipv4PktInfo::from(const ControlMessage& message) noexcept {
  const auto native = internal::payload<::in_pktinfo>(message, IPPROTO_IP, IP_PKTINFO);
  if (!native) return std::nullopt;
  return Ipv4PktInfo{static_cast<std::uint32_t>(native->ipi_ifindex), address(native->ipi_spec_dst),
                     address(native->ipi_addr)};
}

}  // namespace weft::net
