// SockRef: the functions of a Socket on a descriptor that somebody else owns.
//
// Spec: S-K6, S-50.
//
// For the options that TcpStream, UdpSocket and the others do not have themselves:
//
//   // On anything that has as_fd(): TcpStream, UdpSocket, ...
//   template <class Socket>
//   Result<void> give_up_after_half_a_minute(const Socket& socket) {
//     return net::SockRef(socket)->set_tcp_user_timeout(30s);
//   }
//
// The owner has to stay, and keep the descriptor, as long as the SockRef. A function that blocks,
// or that changes the mode to blocking, breaks the tasks that use an asynchronous socket; options
// are what this is for.

#ifndef WEFT_NET_SOCKET_SOCK_REF_H_
#define WEFT_NET_SOCKET_SOCK_REF_H_

#include <concepts>

#include <weft/base/fd.h>
#include <weft/net/socket/socket.h>

namespace weft::net {

// Anything that lends a descriptor: all sockets of weft::net.
template <class T>
concept HasFd = requires(const T& object) {
  { object.as_fd() } -> std::same_as<BorrowedFd>;
};

// Never closes. Not copyable, since it is meant for the length of an expression or a block.
class SockRef {
 public:
  // Fatal if the number is negative, as all BorrowedFds.
  explicit SockRef(BorrowedFd fd) noexcept : socket_(OwnedFd(fd.raw())) {}
  // Fatal if `object` has been closed or moved from.
  template <HasFd T>
  explicit SockRef(const T& object) noexcept : SockRef(object.as_fd()) {}
  // The number stays its owner's.
  ~SockRef() { static_cast<void>(std::move(socket_).into_fd().release()); }

  SockRef(const SockRef&) = delete;
  SockRef& operator=(const SockRef&) = delete;

  // Not to be moved from or closed.
  Socket& operator*() noexcept { return socket_; }
  const Socket& operator*() const noexcept { return socket_; }
  Socket* operator->() noexcept { return &socket_; }
  const Socket* operator->() const noexcept { return &socket_; }

 private:
  Socket socket_;
};

}  // namespace weft::net

#endif  // WEFT_NET_SOCKET_SOCK_REF_H_
