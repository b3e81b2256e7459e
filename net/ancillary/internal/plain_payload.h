// Reading control messages whose payload is one value.
//
// Spec: ancillary.md A-31 (the size is part of what has to match), A-K12.

#ifndef WEFT_NET_ANCILLARY_INTERNAL_PLAIN_PAYLOAD_H_
#define WEFT_NET_ANCILLARY_INTERNAL_PLAIN_PAYLOAD_H_

#include <optional>
#include <type_traits>

#include <weft/net/ancillary/control_message.h>
#include <weft/net/ancillary/internal/control_layout.h>

namespace weft::net::internal {

// It is of that kind, and its payload exactly a T: a message that the kernel has cut is none.
template <class T>
bool is_payload(const ControlMessage& message, int level, int type) noexcept {
  return message.level() == level && message.type() == type && message.data().size() == sizeof(T) &&
         !message.truncated();
}

template <class T>
std::optional<T> payload(const ControlMessage& message, int level, int type) noexcept {
  static_assert(std::is_trivially_copyable_v<T>);
  if (!is_payload<T>(message, level, type)) return std::nullopt;
  return load<T>(message.data().data());
}

}  // namespace weft::net::internal

#endif  // WEFT_NET_ANCILLARY_INTERNAL_PLAIN_PAYLOAD_H_
