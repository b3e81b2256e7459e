// ScmSecurity. Interface: scm_security.h.

#include <weft/net/ancillary/scm_security.h>

#include <algorithm>
#include <cstddef>
#include <span>

namespace weft::net {

bool ScmSecurity::matches(const ControlMessage& message) noexcept {
  return message.level() == SOL_SOCKET && message.type() == kScmSecurity && !message.truncated();
}

std::optional<ScmSecurity> ScmSecurity::from(const ControlMessage& message) {
  if (!matches(message)) return std::nullopt;
  std::span<const std::byte> bytes = message.data();
  if (!bytes.empty() && bytes.back() == std::byte{0}) bytes = bytes.first(bytes.size() - 1);
  ScmSecurity security;
  security.label.resize(bytes.size());
  std::transform(bytes.begin(), bytes.end(), security.label.begin(),
                 [](std::byte b) { return static_cast<char>(b); });
  return security;
}

}  // namespace weft::net
