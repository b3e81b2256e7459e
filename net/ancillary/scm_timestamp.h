// ScmTimestamp: when the kernel received a packet (SO_TIMESTAMP, SO_TIMESTAMPNS).
//
// Spec: ancillary.md A-34.
//
// On the system's wall clock. Both options are understood: one counts in microseconds, the other in
// nanoseconds.
//
//   // Between the arrival at the kernel and `now`.
//   std::chrono::nanoseconds time_queued(const net::ControlMessage& message,
//                                        std::chrono::nanoseconds now) {
//     const auto stamp = net::ScmTimestamp::from(message);
//     return stamp ? now - stamp->since_epoch : std::chrono::nanoseconds(0);
//   }

#ifndef WEFT_NET_ANCILLARY_SCM_TIMESTAMP_H_
#define WEFT_NET_ANCILLARY_SCM_TIMESTAMP_H_

#include <chrono>
#include <optional>

#include <weft/net/ancillary/control_message.h>

namespace weft::net {

// A plain value.
struct ScmTimestamp {
  // Since 1970 in UTC. A time beyond what this type holds is its nearest value.
  std::chrono::nanoseconds since_epoch{};

  static bool matches(const ControlMessage& message) noexcept;
  // Nothing if it is another message, or is cut off.
  static std::optional<ScmTimestamp> from(const ControlMessage& message) noexcept;

  friend constexpr bool operator==(const ScmTimestamp&, const ScmTimestamp&) = default;
};

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_SCM_TIMESTAMP_H_
