// SocketAccess: what members shared by many kinds of sockets may see of one.
//
// Each socket class has it as its friend, and keeps registration() and shutdown_write() private.

#ifndef WEFT_NET_INTERNAL_SOCKET_ACCESS_H_
#define WEFT_NET_INTERNAL_SOCKET_ACCESS_H_

#include <weft/base/result.h>
#include <weft/runtime/driver/io_registration.h>

namespace weft::net::internal {

class SocketAccess {
 public:
  template <class Socket>
  static const weft::internal::IoRegistration& registration(const Socket& socket) noexcept {
    return socket.registration();
  }
  // Of a socket or half that can be written to.
  template <class Socket>
  static Result<void> shutdown_write(Socket& socket) noexcept {
    return socket.shutdown_write();
  }
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_SOCKET_ACCESS_H_
