// SocketHandle: the descriptor of a net::Socket, and the first link of the chain that a Socket is.
//
// Spec: S-K1, S-38.
//
// A Socket has some two hundred functions. They are split into classes by what they are about, each
// derived from the one before, so that all of them together are still one int:
//
//   SocketHandle > SocketTransfer > SocketOptions > Ipv4Options > Ipv6Options > MulticastOptions
//     > TcpOptions > DatagramOptions > net::Socket
//
// Nobody makes an object of one of these by itself, and what they promise is promised of a Socket:
// a function is one system call unless it says otherwise; it fails with the system's errno,
// unchanged, and with errc::interrupted if a signal ended it; it never blocks except where the call
// does and the socket is blocking; it is fatal on a socket that has been moved from. All functions
// are const and may be called from any thread: what they change is the system's, not this object.

#ifndef WEFT_NET_INTERNAL_SOCKET_HANDLE_H_
#define WEFT_NET_INTERNAL_SOCKET_HANDLE_H_

#include <source_location>
#include <utility>

#include <weft/base/fd.h>

namespace weft::net::internal {

class [[nodiscard]] SocketHandle {
 public:
  // The number of the descriptor, which stays this socket's; -1 once it has been moved from.
  int raw() const noexcept { return fd_.raw(); }
  // Valid as long as this socket.
  BorrowedFd as_fd(std::source_location where = std::source_location::current()) const noexcept {
    return fd_.borrow(where);
  }

 protected:
  explicit SocketHandle(OwnedFd fd) noexcept : fd_(std::move(fd)) {}
  SocketHandle(SocketHandle&&) noexcept = default;
  SocketHandle& operator=(SocketHandle&&) noexcept = default;
  ~SocketHandle() = default;

  OwnedFd fd_;
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_SOCKET_HANDLE_H_
