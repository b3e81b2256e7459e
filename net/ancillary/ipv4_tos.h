// Ipv4Tos: the type-of-service octet of an IPv4 packet (IP_RECVTOS): DSCP and ECN.
//
// Spec: ancillary.md A-34.
//
//   // Routers say so when they would rather drop packets.
//   bool is_congested(const net::ControlMessage& message) {
//     const auto tos = net::Ipv4Tos::from(message);
//     return tos && (tos->value & 3) == 3;
//   }

#ifndef WEFT_NET_ANCILLARY_IPV4_TOS_H_
#define WEFT_NET_ANCILLARY_IPV4_TOS_H_

#include <cstdint>
#include <netinet/in.h>
#include <optional>
#include <span>

#include <weft/net/ancillary/control_message.h>
#include <weft/net/ancillary/internal/plain_payload.h>

namespace weft::net {

// A plain value.
struct Ipv4Tos {
  std::uint8_t value = 0;

  static bool matches(const ControlMessage& message) noexcept {
    return internal::is_payload<std::uint8_t>(message, IPPROTO_IP, IP_TOS);
  }
  // Nothing if it is another message, or is cut off.
  static std::optional<Ipv4Tos> from(const ControlMessage& message) noexcept {
    if (!matches(message)) return std::nullopt;
    return Ipv4Tos{internal::load<std::uint8_t>(message.data().data())};
  }

  // Sends one datagram with it. Views this object, which has to stay until it is added.
  ControlMessage as_control_message() const& noexcept {
    return ControlMessage(IPPROTO_IP, IP_TOS, std::as_bytes(std::span(&value, 1)));
  }
  ControlMessage as_control_message() const&& = delete;

  friend constexpr bool operator==(const Ipv4Tos&, const Ipv4Tos&) = default;
};

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_IPV4_TOS_H_
