// NativeAddress: a SocketAddr as the kernel wants it, and back.
//
// Spec: socket.md T-4 (family-checked reads, lengths); net.md C-13.

#ifndef WEFT_NET_INTERNAL_NATIVE_ADDRESS_H_
#define WEFT_NET_INTERNAL_NATIVE_ADDRESS_H_

#include <netdb.h>
#include <sys/socket.h>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/socket_addr.h>

namespace weft::net::internal {

class NativeAddress {
 public:
  // Room for an address of any kind, to be filled by a system call.
  NativeAddress() noexcept = default;
  explicit NativeAddress(const SocketAddr& address) noexcept;
  // A copy of what getaddrinfo(3) found.
  explicit NativeAddress(const ::addrinfo& found) noexcept;

  ::sockaddr* get() noexcept;
  const ::sockaddr* get() const noexcept;
  // The length of what get() points to; before a call that fills it, the room.
  ::socklen_t size() const noexcept { return size_; }
  ::socklen_t* size_pointer() noexcept { return &size_; }

  // invalid_argument unless it is a whole IPv4 or IPv6 address.
  Result<SocketAddr> to_socket_addr() const noexcept;

 private:
  ::sockaddr_storage storage_{};
  ::socklen_t size_ = sizeof(::sockaddr_storage);
};

// The address that a socket is bound to, and the one it is connected to.
Result<SocketAddr> local_addr(BorrowedFd socket) noexcept;
Result<SocketAddr> peer_addr(BorrowedFd socket) noexcept;

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_NATIVE_ADDRESS_H_
