// TcpMaker. Interface: tcp_maker.h.

#include <weft/net/internal/tcp_maker.h>

#include <algorithm>
#include <fcntl.h>
#include <limits>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>
#include <utility>

#include <weft/base/sys.h>
#include <weft/net/internal/socket_name.h>
#include <weft/net/internal/socket_options.h>
#include <weft/net/socket/sock_addr.h>
#include <weft/net/tcp_listener.h>
#include <weft/net/tcp_stream.h>

namespace weft::net::internal {

using weft::internal::IoKind;
using weft::internal::IoRegistration;

namespace {

// The end of a connect that has begun: writable, and then the socket knows how it went.
class FinishConnect {
 public:
  struct Connected {};
  using value_type = Connected;

  io::Ready wanted() const noexcept { return io::Ready::kWritable | io::Ready::kWriteClosed; }

  Result<Connected> attempt(BorrowedFd fd) noexcept {
    const Result<std::optional<Error>> pending = take_error(fd);
    if (!pending) return Err(pending.error());
    if (*pending) return Err(**pending);
    const Result<SocketAddr> peer = peer_addr(fd);
    // No error and no peer: it has not ended, the event was spurious (C-3).
    if (!peer && peer.error() == std::errc::not_connected) {
      return Err(std::errc::operation_would_block);
    }
    return Connected();
  }
};

bool goes_on(Error error) noexcept {
  return error == std::errc::operation_in_progress || error == std::errc::interrupted;
}

}  // namespace

Result<OwnedFd> TcpMaker::open(const SocketAddr& address) noexcept {
  return open(address.is_ipv4() ? AF_INET : AF_INET6);
}

Result<OwnedFd> TcpMaker::open(int domain) noexcept {
  return sys::socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
}

Task<Result<TcpStream>> TcpMaker::connect(OwnedFd socket, SocketAddr address,
                                          std::source_location where) {
  const SockAddr native(address);
  const Result<void> begun = sys::connect(socket, native.data(), native.size());
  if (!begun && !goes_on(begun.error())) co_return Err(begun.error());
  // Not before connect(): a socket that was never connected is closed in both directions.
  Result<TcpStream> made = stream(std::move(socket), where);
  if (!made || begun) co_return made;
  const Result<FinishConnect::Connected> finished = co_await made->io_.perform(FinishConnect());
  if (!finished) co_return Err(finished.error());
  co_return made;
}

Result<TcpListener> TcpMaker::listen(OwnedFd&& socket, std::uint32_t backlog,
                                     std::source_location where) {
  // The kernel cuts it down to its own limit.
  constexpr std::uint32_t kMost = std::numeric_limits<int>::max();
  const Result<void> listening = sys::listen(socket, static_cast<int>(std::min(backlog, kMost)));
  if (!listening) return Err(listening.error());
  return listener(std::move(socket), where);
}

Result<TcpStream> TcpMaker::stream(OwnedFd&& socket, std::source_location where) {
  return IoRegistration::create(std::move(socket), IoKind::kStream, where)
      .transform([](IoRegistration&& io) { return TcpStream(std::move(io)); });
}

Result<TcpListener> TcpMaker::listener(OwnedFd&& socket, std::source_location where) {
  return IoRegistration::create(std::move(socket), IoKind::kStream, where)
      .transform([](IoRegistration&& io) { return TcpListener(std::move(io)); });
}

Result<void> require_nonblocking(BorrowedFd fd) noexcept {
  const Result<int> flags = sys::get_status_flags(fd);
  if (!flags) return Err(flags.error());
  if ((*flags & O_NONBLOCK) == 0) return Err(std::errc::invalid_argument);
  return {};
}

}  // namespace weft::net::internal
