// Ipv6TrafficClass: the traffic class octet of an IPv6 packet (IPV6_RECVTCLASS): DSCP and ECN.
//
// Spec: ancillary.md A-34.
//
//   // The class of service that was asked for; 0 if it is not known.
//   int service_of(const net::ControlMessage& message) {
//     const auto traffic = net::Ipv6TrafficClass::from(message);
//     return traffic ? traffic->value >> 2 : 0;
//   }

#ifndef WEFT_NET_ANCILLARY_IPV6_TRAFFIC_CLASS_H_
#define WEFT_NET_ANCILLARY_IPV6_TRAFFIC_CLASS_H_

#include <cstdint>
#include <netinet/in.h>
#include <optional>

#include <weft/net/ancillary/control_message.h>
#include <weft/net/ancillary/internal/plain_payload.h>

namespace weft::net {

// A plain value.
struct Ipv6TrafficClass {
  std::uint8_t value = 0;

  // In the message it is an int.
  static bool matches(const ControlMessage& message) noexcept {
    return internal::is_payload<int>(message, IPPROTO_IPV6, IPV6_TCLASS);
  }
  // Nothing if it is another message, or is cut off.
  static std::optional<Ipv6TrafficClass> from(const ControlMessage& message) noexcept {
    if (!matches(message)) return std::nullopt;
    return Ipv6TrafficClass{static_cast<std::uint8_t>(internal::load<int>(message.data().data()))};
  }

  friend constexpr bool operator==(const Ipv6TrafficClass&, const Ipv6TrafficClass&) = default;
};

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_IPV6_TRAFFIC_CLASS_H_
