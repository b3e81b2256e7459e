// ScmCredentials: who sent a message over a unix socket (Linux).
//
// Spec: ancillary.md A-31.
//
// A socket with SO_PASSCRED receives them with each message, from the kernel, which lets a sender
// name others than its own only with privileges.
//
//   // Zero is nobody: the message came without credentials.
//   ::pid_t sender_of(net::ControlMessages messages) {
//     for (const net::ControlMessage& message : messages) {
//       if (const auto sender = net::ScmCredentials::from(message)) return sender->pid;
//     }
//     return 0;
//   }

#ifndef WEFT_NET_ANCILLARY_SCM_CREDENTIALS_H_
#define WEFT_NET_ANCILLARY_SCM_CREDENTIALS_H_

#include <cstddef>
#include <optional>
#include <sys/socket.h>
#include <sys/types.h>
#include <type_traits>

#include <weft/net/ancillary/control_message.h>

namespace weft::net {

// A plain value.
struct ScmCredentials {
  ::pid_t pid = 0;
  ::uid_t uid = 0;
  ::gid_t gid = 0;

  // This process, and its real user and group: what every process may send.
  static ScmCredentials current() noexcept;

  static bool matches(const ControlMessage& message) noexcept;
  // Nothing if it is another message, or is cut off.
  static std::optional<ScmCredentials> from(const ControlMessage& message) noexcept;

  // To be added to an AncillaryData. Views this object, which has to stay until it is. Sending
  // fails with operation_not_permitted if it is neither our own nor we privileged.
  ControlMessage as_control_message() const& noexcept;
  ControlMessage as_control_message() const&& = delete;

  friend constexpr bool operator==(const ScmCredentials&, const ScmCredentials&) = default;
};

static_assert(sizeof(ScmCredentials) == sizeof(::ucred) &&
              offsetof(ScmCredentials, pid) == offsetof(::ucred, pid) &&
              offsetof(ScmCredentials, uid) == offsetof(::ucred, uid) &&
              offsetof(ScmCredentials, gid) == offsetof(::ucred, gid) &&
              std::is_trivially_copyable_v<ScmCredentials>);

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_SCM_CREDENTIALS_H_
