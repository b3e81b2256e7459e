// UnixSeqpacket. Interface: unix_seqpacket.h.
//
// To the driver it is a stream: a direction that is closed stays so. Its operations are those of
// datagrams, of which none takes a short transfer for the end of what is there.

#include <weft/net/unix_seqpacket.h>

#include <sys/socket.h>

#include <weft/base/sys.h>
#include <weft/net/internal/socket_name.h>
#include <weft/net/internal/socket_options.h>
#include <weft/net/internal/tcp_maker.h>
#include <weft/net/internal/unix_connect.h>
#include <weft/net/internal/unix_maker.h>

namespace weft::net {

using internal::UnixMaker;
using weft::internal::IoKind;

Task<Result<UnixSeqpacket>> UnixSeqpacket::connect(std::filesystem::path path, Where where) {
  const Result<UnixSocketAddr> address = UnixSocketAddr::from_pathname(path);
  if (!address) co_return Err(address.error());
  co_return internal::connect_unix<UnixSeqpacket>(SOCK_SEQPACKET, *address, where);
}

Task<Result<UnixSeqpacket>> UnixSeqpacket::connect_addr(UnixSocketAddr address, Where where) {
  co_return internal::connect_unix<UnixSeqpacket>(SOCK_SEQPACKET, address, where);
}

Task<Result<UnixSeqpacket>> UnixSeqpacket::connect_with_backoff(UnixSocketAddr address,
                                                                ConnectBackoff backoff,
                                                                Where where) {
  return internal::connect_unix_with_backoff<UnixSeqpacket>(SOCK_SEQPACKET, address, backoff,
                                                            where);
}

Result<std::pair<UnixSeqpacket, UnixSeqpacket>> UnixSeqpacket::pair(Where where) {
  return UnixMaker::make_pair<UnixSeqpacket>(SOCK_SEQPACKET, IoKind::kStream, where);
}

Result<UnixSeqpacket> UnixSeqpacket::from_fd(OwnedFd&& fd, Where where) {
  const Result<void> usable = internal::require_nonblocking(fd);
  if (!usable) return Err(usable.error());
  return UnixMaker::make<UnixSeqpacket>(std::move(fd), IoKind::kStream, where);
}

Result<void> UnixSeqpacket::shutdown(Shutdown how) const noexcept {
  return io_.with_fd([=](BorrowedFd fd) { return sys::shutdown(fd, static_cast<int>(how)); });
}

Result<UnixSocketAddr> UnixSeqpacket::local_addr() const noexcept {
  return io_.with_fd(&internal::local_unix_addr);
}
Result<UnixSocketAddr> UnixSeqpacket::peer_addr() const noexcept {
  return io_.with_fd(&internal::peer_unix_addr);
}
Result<UCred> UnixSeqpacket::peer_cred() const noexcept {
  return io_.with_fd(&internal::peer_cred);
}
Result<std::optional<Error>> UnixSeqpacket::take_error() const noexcept {
  return io_.with_fd(&internal::take_error);
}

}  // namespace weft::net
