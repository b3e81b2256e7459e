// Closing and duplicating descriptors. Interface and design: fd.h.

#include <weft/base/fd.h>

#include <weft/base/sys.h>

namespace weft {

Result<OwnedFd> BorrowedFd::try_clone() const noexcept { return sys::dupfd_cloexec(*this); }

Result<OwnedFd> OwnedFd::try_clone(std::source_location where) const noexcept {
  return sys::dupfd_cloexec(borrow(where));
}

Result<void> OwnedFd::close() noexcept {
  if (fd_ == kEmpty) return {};
  return sys::close(std::exchange(fd_, kEmpty));
}

void OwnedFd::close_quietly(int fd) noexcept {
  const Result<void> closed = sys::close(fd);
  // Any other error is about data and has close() to report it; this one means that the number was
  // not ours any more, and next time it may be somebody else's.
  WEFT_DCHECK(closed || closed.error() != std::errc::bad_file_descriptor,
              "OwnedFd: the descriptor it owns was closed by somebody else");
}

}  // namespace weft
