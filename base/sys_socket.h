// sys, for raw sockets: the calls that sys.h repeats after EINTR, made once; and sendfile.
//
// Spec: S-C1, S-C2, S-C6, S-C7.
//
// Design. As in sys.h: one system call each, by way of the thread's table. A raw socket may be
// blocking, with a timeout, and who uses it may want a signal to end a wait: so EINTR comes back as
// std::errc::interrupted from all of these. There is no SIGPIPE from any of them.

#ifndef WEFT_BASE_SYS_SOCKET_H_
#define WEFT_BASE_SYS_SOCKET_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <sys/socket.h>

#include <weft/base/fd.h>
#include <weft/base/result.h>

namespace weft::sys {

Result<std::size_t> recv_once(BorrowedFd fd, std::span<std::byte> out, int flags) noexcept;
Result<std::size_t> send_once(BorrowedFd fd, std::span<const std::byte> in, int flags) noexcept;
// `from` may be null; `from_size` holds its room before and the address's size after.
Result<std::size_t> recvfrom_once(BorrowedFd fd, std::span<std::byte> out, int flags,
                                  ::sockaddr* from, ::socklen_t* from_size) noexcept;
Result<std::size_t> sendto_once(BorrowedFd fd, std::span<const std::byte> in, int flags,
                                const ::sockaddr* to, ::socklen_t to_size) noexcept;
// The message has at most IOV_MAX slices.
Result<std::size_t> recvmsg_once(BorrowedFd fd, ::msghdr& message, int flags) noexcept;
Result<std::size_t> sendmsg_once(BorrowedFd fd, const ::msghdr& message, int flags) noexcept;

// Sends up to `count` bytes of `file`, from `offset` on; the file's own position stays. The system
// has no flag against SIGPIPE here, so this blocks that signal in the thread for the length of the
// call and takes back the one that the call has raised: four more system calls on memory.
Result<std::size_t> sendfile_at(BorrowedFd socket, BorrowedFd file, std::uint64_t offset,
                                std::size_t count) noexcept;

}  // namespace weft::sys

#endif  // WEFT_BASE_SYS_SOCKET_H_
