// UnixConnectionMembers: what connected unix sockets have in common, of streams and of messages.
//
// Spec: net.md, C-6, C-10..C-12, section 1; N-33..N-38, N-60, N-72.
//
// A socket derives from it and names itself and its type, SOCK_STREAM or SOCK_SEQPACKET. To the
// driver both are streams: a direction that is closed stays so.

#ifndef WEFT_NET_INTERNAL_UNIX_CONNECTION_MEMBERS_H_
#define WEFT_NET_INTERNAL_UNIX_CONNECTION_MEMBERS_H_

#include <filesystem>
#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/connect_backoff.h>
#include <weft/net/internal/socket_access.h>
#include <weft/net/internal/socket_name.h>
#include <weft/net/internal/socket_options.h>
#include <weft/net/internal/tcp_maker.h>
#include <weft/net/internal/unix_connect.h>
#include <weft/net/internal/unix_maker.h>
#include <weft/net/ucred.h>
#include <weft/net/unix_socket_addr.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/task.h>

namespace weft::net::internal {

template <class Socket, int kType>
class UnixConnectionMembers {
  using Where = std::source_location;

 public:
  // Connects to a listener. A path that begins with a NUL is an abstract name. Fails with
  // would_block if the listener's backlog is full, which no event announces the end of; with
  // wrong_protocol_type if what listens at the path is of another kind. Fatal without a runtime
  // that has I/O. Cancel safe: destroyed, it holds nothing.
  static Task<Result<Socket>> connect(std::filesystem::path path, Where where = Where::current()) {
    const Result<UnixSocketAddr> address = UnixSocketAddr::from_pathname(path);
    if (!address) co_return Err(address.error());
    co_return connect_unix<Socket>(kType, *address, where);
  }
  static Task<Result<Socket>> connect_addr(UnixSocketAddr address, Where where = Where::current()) {
    co_return connect_unix<Socket>(kType, address, where);
  }
  // The same, and as long as the backlog is full tries again a little later, for ever. Needs a
  // runtime with timers once it has to wait. Cancel safe.
  static Task<Result<Socket>> connect_with_backoff(UnixSocketAddr address,
                                                   ConnectBackoff backoff = {},
                                                   Where where = Where::current()) {
    return connect_unix_with_backoff<Socket>(kType, address, backoff, where);
  }
  // Two sockets that are connected to each other, without addresses.
  static Result<std::pair<Socket, Socket>> pair(Where where = Where::current()) {
    return UnixMaker::make_pair<Socket>(kType, weft::internal::IoKind::kStream, where);
  }

  // Takes over a connected, non-blocking socket; `fd` is moved from only on success. Fails with
  // invalid_argument if it is blocking. Fatal without a runtime that has I/O.
  static Result<Socket> from_fd(OwnedFd&& fd, Where where = Where::current()) {
    const Result<void> usable = require_nonblocking(fd);
    if (!usable) return Err(usable.error());
    return UnixMaker::make<Socket>(std::move(fd), weft::internal::IoKind::kStream, where);
  }
  // Gives the socket back, non-blocking; tasks waiting for it end with Errc::closed. Fails with
  // device_or_resource_busy while another thread is in a call on it, and then changes nothing.
  Result<OwnedFd> into_fd() && { return std::move(io_).into_fd(); }

  // Closes now; tasks waiting for it, and whatever is done later, end with Errc::closed. May be
  // repeated.
  Result<void> close() noexcept { return io_.close(); }

  Result<UnixSocketAddr> local_addr() const noexcept { return io_.with_fd(&local_unix_addr); }
  // Unnamed for most who connect.
  Result<UnixSocketAddr> peer_addr() const noexcept { return io_.with_fd(&peer_unix_addr); }
  // The process at the other end, as it was when it connected, listened or made the pair.
  Result<UCred> peer_cred() const noexcept { return io_.with_fd(&internal::peer_cred); }
  // The error that the socket holds, which this takes out of it.
  Result<std::optional<Error>> take_error() const noexcept {
    return io_.with_fd(&internal::take_error);
  }

  // Valid until closed; fatal after that.
  BorrowedFd as_fd(Where where = Where::current()) const noexcept { return io_.as_fd(where); }

 protected:
  explicit UnixConnectionMembers(weft::internal::IoRegistration io) noexcept : io_(std::move(io)) {}

  weft::internal::IoRegistration io_;

 private:
  friend class SocketAccess;
  const weft::internal::IoRegistration& registration() const noexcept { return io_; }
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_UNIX_CONNECTION_MEMBERS_H_
