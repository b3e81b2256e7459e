// TcpMaker: how TCP sockets become streams and listeners.
//
// Spec: net.md C-1..C-4, C-7, C-13, G-1, G-3.
//
// The steps that TcpStream, TcpListener and TcpSocket share.

#ifndef WEFT_NET_INTERNAL_TCP_MAKER_H_
#define WEFT_NET_INTERNAL_TCP_MAKER_H_

#include <cstdint>
#include <source_location>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/socket_addr.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/task.h>

namespace weft::net {

class TcpListener;
class TcpStream;

namespace internal {

class TcpMaker {
 public:
  // A non-blocking, close-on-exec TCP socket for addresses like `address`.
  static Result<OwnedFd> open(const SocketAddr& address) noexcept;
  static Result<OwnedFd> open(int domain) noexcept;

  // Connects `socket`. Destroying the task closes it.
  static Task<Result<TcpStream>> connect(OwnedFd socket, SocketAddr address,
                                         std::source_location where);
  // Lets `socket`, which is bound, accept connections.
  static Result<TcpListener> listen(OwnedFd&& socket, std::uint32_t backlog,
                                    std::source_location where);
  // Registers a connected, or listening, non-blocking socket.
  static Result<TcpStream> stream(OwnedFd&& socket, std::source_location where);
  static Result<TcpListener> listener(OwnedFd&& socket, std::source_location where);
};

// invalid_argument if reading from `fd` would block the thread.
Result<void> require_nonblocking(BorrowedFd fd) noexcept;

}  // namespace internal
}  // namespace weft::net

#endif  // WEFT_NET_INTERNAL_TCP_MAKER_H_
