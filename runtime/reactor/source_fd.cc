// SourceFd: passes the calls on to the selector. Interface: source_fd.h.

#include <weft/runtime/reactor/source_fd.h>

namespace weft::runtime::reactor {

Result<void> SourceFd::register_with(Registry& registry, Token token, Interest interest) noexcept {
  return registry.selector().add(fd_, token, interest);
}

Result<void> SourceFd::reregister_with(Registry& registry, Token token,
                                       Interest interest) noexcept {
  return registry.selector().modify(fd_, token, interest);
}

Result<void> SourceFd::deregister_from(Registry& registry) noexcept {
  return registry.selector().remove(fd_);
}

}  // namespace weft::runtime::reactor
