// TcpListener. Interface: tcp_listener.h.

#include <weft/net/tcp_listener.h>

#include <sys/socket.h>
#include <system_error>
#include <vector>

#include <weft/base/sys.h>
#include <weft/net/internal/socket_name.h>
#include <weft/net/internal/socket_options.h>
#include <weft/net/internal/tcp_maker.h>
#include <weft/net/socket/sock_addr.h>

namespace weft::net {

namespace {

Result<TcpListener> bind_one(const SocketAddr& address, std::source_location where) {
  Result<OwnedFd> socket = internal::TcpMaker::open(address);
  if (!socket) return Err(socket.error());
  const Result<void> reusable = internal::set_flag(*socket, SOL_SOCKET, SO_REUSEADDR, true);
  if (!reusable) return Err(reusable.error());
  const SockAddr native(address);
  const Result<void> bound = sys::bind(*socket, native.data(), native.size());
  if (!bound) return Err(bound.error());
  return internal::TcpMaker::listen(*std::move(socket), SOMAXCONN, where);
}

}  // namespace

Task<Result<TcpListener>> TcpListener::bind(ToSocketAddrs to, Where where) {
  const Result<std::vector<SocketAddr>> addresses = co_await std::move(to).resolve();
  if (!addresses) co_return Err(addresses.error());
  Error last = std::errc::invalid_argument;
  for (const SocketAddr& address : *addresses) {
    Result<TcpListener> listener = bind_one(address, where);
    if (listener) co_return listener;
    last = listener.error();
  }
  co_return Err(last);
}

Result<TcpListener> TcpListener::from_fd(OwnedFd&& fd, Where where) {
  const Result<void> usable = internal::require_nonblocking(fd);
  if (!usable) return Err(usable.error());
  return internal::TcpMaker::listener(std::move(fd), where);
}

Result<TcpStream> internal::TcpConnections::make(OwnedFd&& connection, std::source_location where) {
  return TcpMaker::stream(std::move(connection), where);
}

Poll<Result<std::pair<TcpStream, SocketAddr>>> TcpListener::poll_accept(Context& cx,
                                                                        Where where) const {
  return internal::poll_accept_from<internal::TcpConnections>(io_, cx, where);
}

Result<SocketAddr> TcpListener::local_addr() const noexcept {
  return io_.with_fd(&internal::local_addr);
}

Result<std::uint32_t> TcpListener::ttl() const noexcept {
  return io_.with_fd([](BorrowedFd fd) { return internal::get_ttl(fd); });
}
Result<void> TcpListener::set_ttl(std::uint32_t value) noexcept {
  return io_.with_fd([=](BorrowedFd fd) { return internal::set_ttl(fd, value); });
}

Result<std::optional<Error>> TcpListener::take_error() const noexcept {
  return io_.with_fd(&internal::take_error);
}

internal::NextFrom<internal::TcpConnections> TcpListenerStream::next(Where where) noexcept {
  return {listener_.registration().record(), where};
}

}  // namespace weft::net
