// UnixSeqpacketListener. Interface: unix_seqpacket_listener.h.

#include <weft/net/unix_seqpacket_listener.h>

#include <sys/socket.h>

#include <weft/net/internal/socket_name.h>
#include <weft/net/internal/socket_options.h>
#include <weft/net/internal/tcp_maker.h>
#include <weft/net/internal/unix_maker.h>

namespace weft::net {

using internal::UnixMaker;
using weft::internal::IoKind;

Result<UnixSeqpacket> internal::SeqpacketConnections::make(OwnedFd&& connection,
                                                           std::source_location where) {
  return UnixMaker::make<UnixSeqpacket>(std::move(connection), IoKind::kStream, where);
}

Result<UnixSeqpacketListener> UnixSeqpacketListener::bind(const std::filesystem::path& path,
                                                          Where where) {
  const Result<UnixSocketAddr> address = UnixSocketAddr::from_pathname(path);
  if (!address) return Err(address.error());
  return bind_addr(*address, where);
}

Result<UnixSeqpacketListener> UnixSeqpacketListener::bind_addr(const UnixSocketAddr& address,
                                                               Where where) {
  Result<OwnedFd> socket = UnixMaker::open_bound(SOCK_SEQPACKET, address);
  if (!socket) return Err(socket.error());
  return UnixMaker::listen<UnixSeqpacketListener>(*std::move(socket), UnixMaker::kLongestBacklog,
                                                  where);
}

Result<UnixSeqpacketListener> UnixSeqpacketListener::from_fd(OwnedFd&& fd, Where where) {
  const Result<void> usable = internal::require_nonblocking(fd);
  if (!usable) return Err(usable.error());
  return UnixMaker::make<UnixSeqpacketListener>(std::move(fd), IoKind::kStream, where);
}

Poll<Result<std::pair<UnixSeqpacket, UnixSocketAddr>>> UnixSeqpacketListener::poll_accept(
    Context& cx, Where where) const {
  return internal::poll_accept_from<internal::SeqpacketConnections>(io_, cx, where);
}

Result<UnixSocketAddr> UnixSeqpacketListener::local_addr() const noexcept {
  return io_.with_fd(&internal::local_unix_addr);
}
Result<std::optional<Error>> UnixSeqpacketListener::take_error() const noexcept {
  return io_.with_fd(&internal::take_error);
}

}  // namespace weft::net
