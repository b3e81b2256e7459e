// Ipv6PktInfo: which interface and address an IPv6 datagram arrived at (IPV6_RECVPKTINFO).
//
// Spec: ancillary.md A-34.
//
//   bool came_by(const net::ControlMessage& message, std::uint32_t interface_index) {
//     const auto info = net::Ipv6PktInfo::from(message);
//     return info && info->index == interface_index;
//   }

#ifndef WEFT_NET_ANCILLARY_IPV6_PKT_INFO_H_
#define WEFT_NET_ANCILLARY_IPV6_PKT_INFO_H_

#include <cstdint>
#include <optional>

#include <weft/net/ancillary/control_message.h>
#include <weft/net/ip_addr.h>

namespace weft::net {

// A plain value. An address of only zeros in the message is none.
struct Ipv6PktInfo {
  std::uint32_t index = 0;              // of the interface
  std::optional<Ipv6Addr> destination;  // in the packet's header

  static bool matches(const ControlMessage& message) noexcept;
  // Nothing if it is another message, or is cut off.
  static std::optional<Ipv6PktInfo> from(const ControlMessage& message) noexcept;

  friend constexpr bool operator==(const Ipv6PktInfo&, const Ipv6PktInfo&) = default;
};

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_IPV6_PKT_INFO_H_
