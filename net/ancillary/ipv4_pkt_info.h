// Ipv4PktInfo: which interface and address an IPv4 datagram arrived at (IP_PKTINFO).
//
// Spec: ancillary.md A-34.
//
// For a socket that is bound to all addresses and answers from the one that was asked.
//
//   // What to answer from, on a socket that is bound to all addresses.
//   std::optional<net::Ipv4Addr> asked_at(const net::ControlMessage& message) {
//     const auto info = net::Ipv4PktInfo::from(message);
//     return info ? info->local : std::nullopt;
//   }

#ifndef WEFT_NET_ANCILLARY_IPV4_PKT_INFO_H_
#define WEFT_NET_ANCILLARY_IPV4_PKT_INFO_H_

#include <cstdint>
#include <optional>

#include <weft/net/ancillary/control_message.h>
#include <weft/net/ip_addr.h>

namespace weft::net {

// A plain value. An address of only zeros in the message is none.
struct Ipv4PktInfo {
  std::uint32_t index = 0;              // of the interface
  std::optional<Ipv4Addr> local;        // our address there: what an answer should come from
  std::optional<Ipv4Addr> destination;  // in the packet's header: may be a broadcast or a group

  static bool matches(const ControlMessage& message) noexcept;
  // Nothing if it is another message, or is cut off.
  static std::optional<Ipv4PktInfo> from(const ControlMessage& message) noexcept;

  friend constexpr bool operator==(const Ipv4PktInfo&, const Ipv4PktInfo&) = default;
};

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_IPV4_PKT_INFO_H_
