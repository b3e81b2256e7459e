// UnixDatagram. Interface: unix_datagram.h; how it waits for the receiver: internal/unix_room.h.

#include <weft/net/unix_datagram.h>

#include <sys/socket.h>
#include <system_error>

#include <weft/base/sys.h>
#include <weft/net/internal/socket_name.h>
#include <weft/net/internal/socket_options.h>
#include <weft/net/internal/tcp_maker.h>
#include <weft/net/internal/unix_maker.h>
#include <weft/net/internal/unix_room.h>

namespace weft::net {

using internal::UnixMaker;
using SendTo = internal::SendTo<UnixSocketAddr>;
using weft::internal::IoKind;

Result<UnixDatagram> UnixDatagram::bind(const std::filesystem::path& path, Where where) {
  const Result<UnixSocketAddr> address = UnixSocketAddr::from_pathname(path);
  if (!address) return Err(address.error());
  return bind_addr(*address, where);
}

Result<UnixDatagram> UnixDatagram::bind_addr(const UnixSocketAddr& address, Where where) {
  Result<OwnedFd> socket = UnixMaker::open_bound(SOCK_DGRAM, address);
  if (!socket) return Err(socket.error());
  return UnixMaker::make<UnixDatagram>(*std::move(socket), IoKind::kDatagram, where);
}

Result<UnixDatagram> UnixDatagram::unbound(Where where) {
  Result<OwnedFd> socket = UnixMaker::open(SOCK_DGRAM);
  if (!socket) return Err(socket.error());
  return UnixMaker::make<UnixDatagram>(*std::move(socket), IoKind::kDatagram, where);
}

Result<std::pair<UnixDatagram, UnixDatagram>> UnixDatagram::pair(Where where) {
  return UnixMaker::make_pair<UnixDatagram>(SOCK_DGRAM, IoKind::kDatagram, where);
}

Result<UnixDatagram> UnixDatagram::from_fd(OwnedFd&& fd, Where where) {
  const Result<void> usable = internal::require_nonblocking(fd);
  if (!usable) return Err(usable.error());
  return UnixMaker::make<UnixDatagram>(std::move(fd), IoKind::kDatagram, where);
}

Result<void> UnixDatagram::connect(const std::filesystem::path& path) const noexcept {
  const Result<UnixSocketAddr> address = UnixSocketAddr::from_pathname(path);
  if (!address) return Err(address.error());
  return connect_addr(*address);
}

Result<void> UnixDatagram::connect_addr(const UnixSocketAddr& address) const noexcept {
  return io_.with_fd([&](BorrowedFd fd) { return UnixMaker::connect(fd, address); });
}

Task<Result<std::size_t>> UnixDatagram::send_to(std::span<const std::byte> data,
                                                std::filesystem::path path) const {
  const Result<UnixSocketAddr> address = UnixSocketAddr::from_pathname(path);
  if (!address) co_return Err(address.error());
  const Result<std::size_t> sent = co_await send_to_addr(data, *address);
  co_return sent;
}

Task<Result<std::size_t>> UnixDatagram::send_to_addr(std::span<const std::byte> data,
                                                     UnixSocketAddr to) const {
  return internal::send_when_room(io_, SendTo(data, to), to);
}

Result<std::size_t> UnixDatagram::try_send_to(std::span<const std::byte> data,
                                              const std::filesystem::path& path) const noexcept {
  const Result<UnixSocketAddr> address = UnixSocketAddr::from_pathname(path);
  if (!address) return Err(address.error());
  return try_send_to_addr(data, *address);
}

Result<std::size_t> UnixDatagram::try_send_to_addr(std::span<const std::byte> data,
                                                   const UnixSocketAddr& to) const noexcept {
  const auto sent = io_.attempt(internal::UnlessFull(SendTo(data, to)));
  if (!sent) return Err(sent.error());
  if (!*sent) return Err(std::errc::operation_would_block);
  return **sent;
}

Result<void> UnixDatagram::shutdown(Shutdown how) const noexcept {
  return io_.with_fd([=](BorrowedFd fd) { return sys::shutdown(fd, static_cast<int>(how)); });
}

Result<UnixSocketAddr> UnixDatagram::local_addr() const noexcept {
  return io_.with_fd(&internal::local_unix_addr);
}
Result<UnixSocketAddr> UnixDatagram::peer_addr() const noexcept {
  return io_.with_fd(&internal::peer_unix_addr);
}
Result<std::optional<Error>> UnixDatagram::take_error() const noexcept {
  return io_.with_fd(&internal::take_error);
}

}  // namespace weft::net
