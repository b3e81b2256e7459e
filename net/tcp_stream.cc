// TcpStream. Interface: tcp_stream.h.

#include <weft/net/tcp_stream.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <system_error>
#include <vector>

#include <weft/base/sys.h>
#include <weft/net/internal/socket_name.h>
#include <weft/net/internal/socket_options.h>
#include <weft/net/internal/tcp_maker.h>
#include <weft/net/tcp_owned_halves.h>
#include <weft/net/tcp_split.h>

namespace weft::net {

Task<Result<TcpStream>> TcpStream::connect(ToSocketAddrs to, Where where) {
  const Result<std::vector<SocketAddr>> addresses = co_await std::move(to).resolve();
  if (!addresses) co_return Err(addresses.error());
  Error last = std::errc::invalid_argument;
  for (const SocketAddr& address : *addresses) {
    Result<OwnedFd> socket = internal::TcpMaker::open(address);
    if (!socket) {
      last = socket.error();
      continue;
    }
    Result<TcpStream> connected =
        co_await internal::TcpMaker::connect(*std::move(socket), address, where);
    if (connected) co_return connected;
    last = connected.error();
  }
  co_return Err(last);
}

Result<TcpStream> TcpStream::from_fd(OwnedFd&& fd, Where where) {
  const Result<void> usable = internal::require_nonblocking(fd);
  if (!usable) return Err(usable.error());
  return internal::TcpMaker::stream(std::move(fd), where);
}

Result<void> TcpStream::shutdown_write() const noexcept {
  const Result<void> done = io_.with_fd([](BorrowedFd fd) { return sys::shutdown(fd, SHUT_WR); });
  if (!done && done.error() == std::errc::not_connected) return {};
  return done;
}

std::pair<TcpReadHalf, TcpWriteHalf> TcpStream::split() noexcept {
  return {TcpReadHalf(*this), TcpWriteHalf(*this)};
}

std::pair<TcpOwnedReadHalf, TcpOwnedWriteHalf> TcpStream::into_split() && {
  return internal::SharedStream<TcpStream>::split(std::move(*this));
}

Result<SocketAddr> TcpStream::local_addr() const noexcept {
  return io_.with_fd(&internal::local_addr);
}

Result<SocketAddr> TcpStream::peer_addr() const noexcept {
  return io_.with_fd(&internal::peer_addr);
}

Result<bool> TcpStream::nodelay() const noexcept {
  return io_.with_fd(
      [](BorrowedFd fd) { return internal::get_flag(fd, IPPROTO_TCP, TCP_NODELAY); });
}
Result<void> TcpStream::set_nodelay(bool value) noexcept {
  return io_.with_fd(
      [=](BorrowedFd fd) { return internal::set_flag(fd, IPPROTO_TCP, TCP_NODELAY, value); });
}

Result<bool> TcpStream::quickack() const noexcept {
  return io_.with_fd(
      [](BorrowedFd fd) { return internal::get_flag(fd, IPPROTO_TCP, TCP_QUICKACK); });
}
Result<void> TcpStream::set_quickack(bool value) noexcept {
  return io_.with_fd(
      [=](BorrowedFd fd) { return internal::set_flag(fd, IPPROTO_TCP, TCP_QUICKACK, value); });
}

Result<std::optional<std::chrono::seconds>> TcpStream::linger() const noexcept {
  return io_.with_fd(&internal::get_linger);
}
Result<void> TcpStream::set_linger(std::optional<std::chrono::seconds> value) noexcept {
  return io_.with_fd([=](BorrowedFd fd) { return internal::set_linger(fd, value); });
}
Result<void> TcpStream::set_zero_linger() noexcept { return set_linger(std::chrono::seconds(0)); }

Result<std::uint32_t> TcpStream::ttl() const noexcept {
  return io_.with_fd([](BorrowedFd fd) { return internal::get_ttl(fd); });
}
Result<void> TcpStream::set_ttl(std::uint32_t value) noexcept {
  return io_.with_fd([=](BorrowedFd fd) { return internal::set_ttl(fd, value); });
}

Result<std::optional<Error>> TcpStream::take_error() const noexcept {
  return io_.with_fd(&internal::take_error);
}

}  // namespace weft::net
