// The system calls of control messages. Interface: sys_message.h; EINTR policy and design: sys.h.

#include <weft/base/sys_message.h>

#include <unistd.h>

#include <weft/base/internal/sys_call.h>

namespace weft::sys {

Result<std::size_t> sendmsg_with_flags(BorrowedFd fd, const ::msghdr& message, int flags) noexcept {
  // SAFETY(syscall): the BorrowedFd is open during the call; what message points to is the caller's
  // contract.
  return internal::to_count(
      internal::call_retried<&Table::sendmsg, ::sendmsg>(fd.raw(), &message, flags));
}

::ucred own_credentials() noexcept {
  // SAFETY(syscall): none of the three takes or changes anything, and none can fail.
  return {.pid = ::getpid(), .uid = ::getuid(), .gid = ::getgid()};
}

}  // namespace weft::sys
