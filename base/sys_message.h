// sys_message: the system calls of control messages that sys.h has not.
//
// Spec: ancillary.md.
//
// Manners and the meaning of [retried] as in sys.h.

#ifndef WEFT_BASE_SYS_MESSAGE_H_
#define WEFT_BASE_SYS_MESSAGE_H_

#include <cstddef>
#include <sys/socket.h>

#include <weft/base/fd.h>
#include <weft/base/result.h>

namespace weft::sys {

// [retried] As sendmsg(), with these flags and no others: without MSG_NOSIGNAL among them it raises
// SIGPIPE if the peer of a stream is gone.
Result<std::size_t> sendmsg_with_flags(BorrowedFd fd, const ::msghdr& message, int flags) noexcept;

// The calling process and its real user and group (getpid, getuid, getgid). Cannot fail.
::ucred own_credentials() noexcept;

}  // namespace weft::sys

#endif  // WEFT_BASE_SYS_MESSAGE_H_
