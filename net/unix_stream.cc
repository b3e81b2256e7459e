// UnixStream. Interface: unix_stream.h.

#include <weft/net/unix_stream.h>

#include <sys/socket.h>

#include <weft/base/sys.h>
#include <weft/net/internal/socket_name.h>
#include <weft/net/internal/socket_options.h>
#include <weft/net/internal/tcp_maker.h>
#include <weft/net/internal/unix_connect.h>
#include <weft/net/internal/unix_maker.h>
#include <weft/net/unix_owned_halves.h>
#include <weft/net/unix_split.h>

namespace weft::net {

using internal::UnixMaker;
using weft::internal::IoKind;

Task<Result<UnixStream>> UnixStream::connect(std::filesystem::path path, Where where) {
  const Result<UnixSocketAddr> address = UnixSocketAddr::from_pathname(path);
  if (!address) co_return Err(address.error());
  co_return internal::connect_unix<UnixStream>(SOCK_STREAM, *address, where);
}

Task<Result<UnixStream>> UnixStream::connect_addr(UnixSocketAddr address, Where where) {
  co_return internal::connect_unix<UnixStream>(SOCK_STREAM, address, where);
}

Task<Result<UnixStream>> UnixStream::connect_with_backoff(UnixSocketAddr address,
                                                          ConnectBackoff backoff, Where where) {
  return internal::connect_unix_with_backoff<UnixStream>(SOCK_STREAM, address, backoff, where);
}

Result<std::pair<UnixStream, UnixStream>> UnixStream::pair(Where where) {
  return UnixMaker::make_pair<UnixStream>(SOCK_STREAM, IoKind::kStream, where);
}

Result<UnixStream> UnixStream::from_fd(OwnedFd&& fd, Where where) {
  const Result<void> usable = internal::require_nonblocking(fd);
  if (!usable) return Err(usable.error());
  return UnixMaker::make<UnixStream>(std::move(fd), IoKind::kStream, where);
}

std::pair<UnixReadHalf, UnixWriteHalf> UnixStream::split() noexcept {
  return {UnixReadHalf(*this), UnixWriteHalf(*this)};
}

std::pair<UnixOwnedReadHalf, UnixOwnedWriteHalf> UnixStream::into_split() && {
  return internal::SharedStream<UnixStream>::split(std::move(*this));
}

Result<void> UnixStream::shutdown_write() const noexcept {
  return io_.with_fd([](BorrowedFd fd) { return sys::shutdown(fd, SHUT_WR); });
}

Result<UnixSocketAddr> UnixStream::local_addr() const noexcept {
  return io_.with_fd(&internal::local_unix_addr);
}
Result<UnixSocketAddr> UnixStream::peer_addr() const noexcept {
  return io_.with_fd(&internal::peer_unix_addr);
}
Result<UCred> UnixStream::peer_cred() const noexcept { return io_.with_fd(&internal::peer_cred); }
Result<std::optional<Error>> UnixStream::take_error() const noexcept {
  return io_.with_fd(&internal::take_error);
}

}  // namespace weft::net
