// The addresses of sockets. Interface: socket_name.h.

#include <weft/net/internal/socket_name.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <system_error>

#include <weft/base/sys.h>

namespace weft::net::internal {

namespace {

template <class Call>
Result<SockAddr> ask(Call call, BorrowedFd socket) noexcept {
  SockAddrStorage storage;
  ::socklen_t size = SockAddrStorage::size();
  const Result<void> done = call(socket, storage.data(), &size);
  if (!done) return Err(done.error());
  return SockAddr(storage, std::min<std::size_t>(size, SockAddrStorage::size()));
}

}  // namespace

template <>
Result<SocketAddr> to_address<SocketAddr>(const SockAddr& address) noexcept {
  const std::optional<SocketAddr> inet = address.as_socket();
  if (!inet) return Err(std::errc::invalid_argument);
  return *inet;
}

template <>
Result<UnixSocketAddr> to_address<UnixSocketAddr>(const SockAddr& address) noexcept {
  if (address.size() == 0) return UnixSocketAddr::unnamed();
  const std::optional<UnixSocketAddr> local = address.as_unix();
  if (!local) return Err(std::errc::invalid_argument);
  return *local;
}

Result<SocketAddr> to_address(const ::addrinfo& found) noexcept {
  if (found.ai_addrlen > SockAddrStorage::size()) return Err(std::errc::invalid_argument);
  SockAddrStorage storage;
  std::memcpy(storage.data(), found.ai_addr, found.ai_addrlen);
  return to_address<SocketAddr>(SockAddr(storage, found.ai_addrlen));
}

Result<SockAddr> local_name(BorrowedFd socket) noexcept { return ask(&sys::getsockname, socket); }
Result<SockAddr> peer_name(BorrowedFd socket) noexcept { return ask(&sys::getpeername, socket); }

Result<SocketAddr> local_addr(BorrowedFd socket) noexcept {
  return local_name(socket).and_then(&to_address<SocketAddr>);
}
Result<SocketAddr> peer_addr(BorrowedFd socket) noexcept {
  return peer_name(socket).and_then(&to_address<SocketAddr>);
}
Result<UnixSocketAddr> local_unix_addr(BorrowedFd socket) noexcept {
  return local_name(socket).and_then(&to_address<UnixSocketAddr>);
}
Result<UnixSocketAddr> peer_unix_addr(BorrowedFd socket) noexcept {
  return peer_name(socket).and_then(&to_address<UnixSocketAddr>);
}

}  // namespace weft::net::internal
