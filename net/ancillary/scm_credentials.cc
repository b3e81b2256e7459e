// ScmCredentials. Interface: scm_credentials.h.

#include <weft/net/ancillary/scm_credentials.h>

#include <span>

#include <weft/base/sys_message.h>
#include <weft/net/ancillary/internal/plain_payload.h>

namespace weft::net {

ScmCredentials ScmCredentials::current() noexcept {
  const ::ucred own = sys::own_credentials();
  return {.pid = own.pid, .uid = own.uid, .gid = own.gid};
}

bool ScmCredentials::matches(const ControlMessage& message) noexcept {
  return internal::is_payload<ScmCredentials>(message, SOL_SOCKET, SCM_CREDENTIALS);
}

std::optional<ScmCredentials> ScmCredentials::from(const ControlMessage& message) noexcept {
  return internal::payload<ScmCredentials>(message, SOL_SOCKET, SCM_CREDENTIALS);
}

ControlMessage ScmCredentials::as_control_message() const& noexcept {
  return ControlMessage(SOL_SOCKET, SCM_CREDENTIALS, std::as_bytes(std::span(this, 1)));
}

}  // namespace weft::net
