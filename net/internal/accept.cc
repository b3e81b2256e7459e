// Accepting TCP connections. Interface: accept.h.

#include <weft/net/internal/accept.h>

#include <sys/socket.h>

#include <weft/base/sys.h>
#include <weft/net/internal/native_address.h>
#include <weft/net/internal/tcp_maker.h>

namespace weft::net::internal {

Result<Accept::value_type> Accept::attempt(BorrowedFd listener) noexcept {
  NativeAddress peer;
  Result<OwnedFd> connection =
      sys::accept4(listener, peer.get(), peer.size_pointer(), SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (!connection) return Err(connection.error());
  const Result<SocketAddr> address = peer.to_socket_addr();
  if (!address) return Err(address.error());
  return value_type(*std::move(connection), *address);
}

AcceptedTcp register_accepted(Result<Accept::value_type> accepted, std::source_location where) {
  if (!accepted) return Err(accepted.error());
  Result<TcpStream> stream = TcpMaker::stream(std::move(accepted->first), where);
  if (!stream) return Err(stream.error());
  return std::pair(*std::move(stream), accepted->second);
}

std::optional<Result<TcpStream>> NextTcpNode::take() {
  return AcceptTcpNode::take().transform(
      [](std::pair<TcpStream, SocketAddr>&& accepted) { return std::move(accepted.first); });
}

}  // namespace weft::net::internal
