// UnixSocket: a unix socket before it is a stream, a listener or a datagram socket.
//
// Spec: net.md X-3, N-39.
//
//   // A listener that holds few connections that wait.
//   Result<net::UnixListener> listen_shortly(const net::UnixSocketAddr& address) {
//     Result<net::UnixSocket> socket = net::UnixSocket::new_stream();
//     if (!socket) return Err(socket.error());
//     if (const Result<void> bound = socket->bind_addr(address); !bound) return Err(bound.error());
//     return std::move(*socket).listen(16);
//   }

#ifndef WEFT_NET_UNIX_SOCKET_H_
#define WEFT_NET_UNIX_SOCKET_H_

#include <cstdint>
#include <filesystem>
#include <source_location>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/unix_datagram.h>
#include <weft/net/unix_listener.h>
#include <weft/net/unix_socket_addr.h>
#include <weft/net/unix_stream.h>
#include <weft/runtime/task.h>

namespace weft::net {

// Needs no runtime until it becomes something. What does not fit its kind (listen() of a datagram
// socket, datagram() of a stream) fails with Errc::other, and the socket is closed.
class [[nodiscard]] UnixSocket {
  using Where = std::source_location;

 public:
  static Result<UnixSocket> new_stream() noexcept;
  static Result<UnixSocket> new_datagram() noexcept;

  Result<void> bind(const std::filesystem::path& path) noexcept;
  Result<void> bind_addr(const UnixSocketAddr& address) noexcept;
  Result<UnixSocketAddr> local_addr() const noexcept;
  // Fatal once it has been moved from.
  BorrowedFd as_fd(Where where = Where::current()) const noexcept { return fd_.borrow(where); }

  // Accepts connections; `backlog` is how many may wait, cut down to the system's limit. Fatal
  // without a runtime that has I/O.
  Result<UnixListener> listen(std::uint32_t backlog, Where where = Where::current()) &&;
  // As UnixStream::connect. `path` is used during the call only. Cancel safe: the socket goes with
  // it.
  Task<Result<UnixStream>> connect(const std::filesystem::path& path,
                                   Where where = Where::current()) &&;
  Task<Result<UnixStream>> connect_addr(UnixSocketAddr address, Where where = Where::current()) &&;
  // Sends and receives datagrams. Fatal without a runtime that has I/O.
  Result<UnixDatagram> datagram(Where where = Where::current()) &&;

 private:
  UnixSocket(OwnedFd fd, int type) noexcept : fd_(std::move(fd)), type_(type) {}

  static Task<Result<UnixStream>> connect_as_stream(OwnedFd fd, int type,
                                                    Result<UnixSocketAddr> address, Where where);

  OwnedFd fd_;
  int type_;  // SOCK_STREAM, SOCK_DGRAM
};

}  // namespace weft::net

#endif  // WEFT_NET_UNIX_SOCKET_H_
