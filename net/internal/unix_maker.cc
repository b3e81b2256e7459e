// UnixMaker. Interface: unix_maker.h.

#include <weft/net/internal/unix_maker.h>

#include <algorithm>
#include <sys/socket.h>
#include <system_error>

#include <weft/net/socket/sock_addr.h>

namespace weft::net::internal {

namespace {

constexpr int kFlags = SOCK_NONBLOCK | SOCK_CLOEXEC;

}  // namespace

Result<OwnedFd> UnixMaker::open(int type) noexcept {
  return sys::socket(AF_UNIX, type | kFlags, 0);
}

Result<OwnedFd> UnixMaker::open_bound(int type, const UnixSocketAddr& address) noexcept {
  Result<OwnedFd> socket = open(type);
  if (!socket) return socket;
  const Result<void> bound = bind(*socket, address);
  if (!bound) return Err(bound.error());
  return socket;
}

Result<OwnedFd> UnixMaker::open_connected(int type, const UnixSocketAddr& address) noexcept {
  Result<OwnedFd> socket = open(type);
  if (!socket) return socket;
  const Result<void> connected = connect(*socket, address);
  if (!connected) return Err(connected.error());
  return socket;
}

Result<sys::Ends> UnixMaker::open_pair(int type) noexcept {
  return sys::socketpair(AF_UNIX, type | kFlags, 0);
}

Result<void> UnixMaker::bind(BorrowedFd socket, const UnixSocketAddr& address) noexcept {
  const SockAddr native(address);
  return sys::bind(socket, native.data(), native.size());
}

Result<void> UnixMaker::connect(BorrowedFd socket, const UnixSocketAddr& address) noexcept {
  const SockAddr native(address);
  return sys::connect(socket, native.data(), native.size());
}

Result<void> UnixMaker::listen_on(BorrowedFd socket, std::uint32_t backlog) noexcept {
  // The kernel cuts it down to its own limit.
  return sys::listen(socket, static_cast<int>(std::min(backlog, kLongestBacklog)));
}

}  // namespace weft::net::internal
