// Accepting one connection. Interface: accept.h.

#include <weft/net/internal/accept.h>

#include <sys/socket.h>

#include <weft/base/sys.h>
#include <weft/net/internal/socket_name.h>
#include <weft/net/socket/sock_addr.h>

namespace weft::net::internal {

template <class Address>
Result<std::pair<OwnedFd, Address>> accept_one(BorrowedFd listener) noexcept {
  SockAddrStorage peer;
  ::socklen_t size = SockAddrStorage::size();
  Result<OwnedFd> connection =
      sys::accept4(listener, peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (!connection) return Err(connection.error());
  const Result<Address> address = to_address<Address>(SockAddr(peer, size));
  if (!address) return Err(address.error());
  return std::pair(*std::move(connection), *address);
}

template Result<std::pair<OwnedFd, SocketAddr>> accept_one<SocketAddr>(BorrowedFd) noexcept;
template Result<std::pair<OwnedFd, UnixSocketAddr>> accept_one<UnixSocketAddr>(BorrowedFd) noexcept;

}  // namespace weft::net::internal
