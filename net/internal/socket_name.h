// Addresses as weft::net has them, of what the kernel has; and those of a socket.
//
// Spec: S-O3, S-C3; net.md C-13, X-1, X-4.

#ifndef WEFT_NET_INTERNAL_SOCKET_NAME_H_
#define WEFT_NET_INTERNAL_SOCKET_NAME_H_

#include <netdb.h>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/socket/sock_addr.h>
#include <weft/net/socket_addr.h>
#include <weft/net/unix_socket_addr.h>

namespace weft::net::internal {

// An Address, which is SocketAddr or UnixSocketAddr. invalid_argument if it is of another family,
// or cut short.
template <class Address>
Result<Address> to_address(const SockAddr& address) noexcept;
template <>
Result<SocketAddr> to_address<SocketAddr>(const SockAddr& address) noexcept;
// Of an unnamed sender the kernel says nothing, not even the family: that is unnamed too.
template <>
Result<UnixSocketAddr> to_address<UnixSocketAddr>(const SockAddr& address) noexcept;

// What getaddrinfo(3) found. As above.
Result<SocketAddr> to_address(const ::addrinfo& found) noexcept;

// getsockname(2), getpeername(2): of any family; as internet addresses; as unix addresses.
Result<SockAddr> local_name(BorrowedFd socket) noexcept;
Result<SockAddr> peer_name(BorrowedFd socket) noexcept;
Result<SocketAddr> local_addr(BorrowedFd socket) noexcept;
Result<SocketAddr> peer_addr(BorrowedFd socket) noexcept;
Result<UnixSocketAddr> local_unix_addr(BorrowedFd socket) noexcept;
Result<UnixSocketAddr> peer_unix_addr(BorrowedFd socket) noexcept;

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_SOCKET_NAME_H_
