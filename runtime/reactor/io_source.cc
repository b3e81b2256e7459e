// Registration: the rules of double, missing and foreign registrations. Interface: io_source.h.

#include <weft/runtime/reactor/io_source.h>

#include <system_error>

namespace weft::runtime::reactor::internal {

Result<void> Registration::add(BorrowedFd fd, Registry& registry, Token token,
                               Interest interest) noexcept {
  if (selector_ != 0) return Err(std::errc::file_exists);
  Result<EdgeArm> added = registry.selector().add_armed(fd, token, interest);
  if (!added) return Err(added.error());
  arm_ = *std::move(added);
  selector_ = registry.selector().identity().number();
  return {};
}

Result<void> Registration::modify(BorrowedFd fd, Registry& registry, Token token,
                                  Interest interest) noexcept {
  if (selector_ == 0) return Err(std::errc::no_such_file_or_directory);
  if (selector_ != registry.selector().identity().number()) return Err(std::errc::file_exists);
  return registry.selector().modify(fd, token, interest);
}

Result<void> Registration::remove(BorrowedFd fd, Registry& registry) noexcept {
  if (selector_ == 0 || selector_ != registry.selector().identity().number()) {
    return Err(std::errc::no_such_file_or_directory);
  }
  Result<void> removed = registry.selector().remove(fd);
  if (!removed) return removed;
  selector_ = 0;
  arm_.end();
  return {};
}

}  // namespace weft::runtime::reactor::internal
