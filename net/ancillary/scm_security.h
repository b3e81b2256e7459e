// ScmSecurity: the security label of a message's sender (Linux, SO_PASSSEC).
//
// Spec: ancillary.md A-32.
//
// What a label says is the affair of the security module; where none labels sockets, none comes.
//
//   bool is_trusted(const net::ControlMessage& message) {
//     const auto sender = net::ScmSecurity::from(message);
//     return sender && sender->label == "system_u:system_r:init_t:s0";
//   }

#ifndef WEFT_NET_ANCILLARY_SCM_SECURITY_H_
#define WEFT_NET_ANCILLARY_SCM_SECURITY_H_

#include <optional>
#include <string>

#include <weft/net/ancillary/control_message.h>

namespace weft::net {

// libc has no name for it.
inline constexpr int kScmSecurity = 0x03;

// A plain value.
struct ScmSecurity {
  // Without the zero that ends it in the message; some modules send none.
  std::string label;

  static bool matches(const ControlMessage& message) noexcept;
  // Nothing if it is another message, or is cut off. Throws std::bad_alloc.
  static std::optional<ScmSecurity> from(const ControlMessage& message);

  friend bool operator==(const ScmSecurity&, const ScmSecurity&) = default;
};

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_SCM_SECURITY_H_
