// UnixSocket. Interface: unix_socket.h.

#include <weft/net/unix_socket.h>

#include <sys/socket.h>

#include <weft/net/internal/socket_name.h>
#include <weft/net/internal/unix_maker.h>

namespace weft::net {

using internal::UnixMaker;
using weft::internal::IoKind;

Result<UnixSocket> UnixSocket::new_stream() noexcept {
  return UnixMaker::open(SOCK_STREAM).transform([](OwnedFd&& fd) {
    return UnixSocket(std::move(fd), SOCK_STREAM);
  });
}
Result<UnixSocket> UnixSocket::new_datagram() noexcept {
  return UnixMaker::open(SOCK_DGRAM).transform([](OwnedFd&& fd) {
    return UnixSocket(std::move(fd), SOCK_DGRAM);
  });
}

Result<void> UnixSocket::bind(const std::filesystem::path& path) noexcept {
  const Result<UnixSocketAddr> address = UnixSocketAddr::from_pathname(path);
  if (!address) return Err(address.error());
  return bind_addr(*address);
}
Result<void> UnixSocket::bind_addr(const UnixSocketAddr& address) noexcept {
  return UnixMaker::bind(fd_, address);
}
Result<UnixSocketAddr> UnixSocket::local_addr() const noexcept {
  return internal::local_unix_addr(fd_);
}

Result<UnixListener> UnixSocket::listen(std::uint32_t backlog, Where where) && {
  OwnedFd socket = std::move(fd_);
  if (type_ != SOCK_STREAM) return Err(Errc::other);
  return UnixMaker::listen<UnixListener>(std::move(socket), backlog, where);
}

Task<Result<UnixStream>> UnixSocket::connect_as_stream(OwnedFd fd, int type,
                                                       Result<UnixSocketAddr> address,
                                                       Where where) {
  if (type != SOCK_STREAM) co_return Err(Errc::other);
  if (!address) co_return Err(address.error());
  const Result<void> connected = UnixMaker::connect(fd, *address);
  if (!connected) co_return Err(connected.error());
  co_return UnixMaker::make<UnixStream>(std::move(fd), IoKind::kStream, where);
}

Task<Result<UnixStream>> UnixSocket::connect(const std::filesystem::path& path, Where where) && {
  return connect_as_stream(std::move(fd_), type_, UnixSocketAddr::from_pathname(path), where);
}
Task<Result<UnixStream>> UnixSocket::connect_addr(UnixSocketAddr address, Where where) && {
  return connect_as_stream(std::move(fd_), type_, address, where);
}

Result<UnixDatagram> UnixSocket::datagram(Where where) && {
  OwnedFd socket = std::move(fd_);
  if (type_ != SOCK_DGRAM) return Err(Errc::other);
  return UnixMaker::make<UnixDatagram>(std::move(socket), IoKind::kDatagram, where);
}

}  // namespace weft::net
