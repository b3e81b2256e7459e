// UnixListenerMembers: what listeners of unix sockets have in common, whatever they accept.
//
// Spec: net.md, C-13..C-15, section 1; N-33, N-35, N-60, N-72.
//
// A listener derives from it and names itself and the class of its connections (accept.h), which
// also says the type of its sockets:
//
//   class UnixListener : public UnixListenerMembers<UnixListener, UnixConnections> { ... };

#ifndef WEFT_NET_INTERNAL_UNIX_LISTENER_MEMBERS_H_
#define WEFT_NET_INTERNAL_UNIX_LISTENER_MEMBERS_H_

#include <filesystem>
#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/internal/accept.h>
#include <weft/net/internal/socket_name.h>
#include <weft/net/internal/socket_options.h>
#include <weft/net/internal/tcp_maker.h>
#include <weft/net/internal/unix_maker.h>
#include <weft/net/unix_socket_addr.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/poll.h>

namespace weft::net::internal {

template <class Listener, class Connections>
class UnixListenerMembers {
  using Where = std::source_location;

 public:
  // Binds to a path, or, if it begins with a NUL, to an abstract name; the backlog is as long as
  // the system allows. Fails with address_in_use if there is such a file. Fatal without a runtime
  // that has I/O.
  static Result<Listener> bind(const std::filesystem::path& path, Where where = Where::current()) {
    const Result<UnixSocketAddr> address = UnixSocketAddr::from_pathname(path);
    if (!address) return Err(address.error());
    return bind_addr(*address, where);
  }
  // Unnamed: the system chooses an abstract name.
  static Result<Listener> bind_addr(const UnixSocketAddr& address, Where where = Where::current()) {
    Result<OwnedFd> socket = UnixMaker::open_bound(Connections::kType, address);
    if (!socket) return Err(socket.error());
    return UnixMaker::listen<Listener>(*std::move(socket), UnixMaker::kLongestBacklog, where);
  }

  // Takes over a listening, non-blocking socket; `fd` is moved from only on success. Fails with
  // invalid_argument if it is blocking. Fatal without a runtime that has I/O.
  static Result<Listener> from_fd(OwnedFd&& fd, Where where = Where::current()) {
    const Result<void> usable = require_nonblocking(fd);
    if (!usable) return Err(usable.error());
    return UnixMaker::make<Listener>(std::move(fd), weft::internal::IoKind::kStream, where);
  }
  // Gives the socket back, non-blocking; tasks waiting for it end with Errc::closed. Fails with
  // device_or_resource_busy while another thread is in a call on it, and then changes nothing.
  Result<OwnedFd> into_fd() && { return std::move(io_).into_fd(); }

  // Closes now; waiting tasks, and whatever is done later, end with Errc::closed. May be repeated.
  Result<void> close() noexcept { return io_.close(); }

  // Yields a Result of a pair: a connection, registered with the runtime that accepts it, and the
  // peer's UnixSocketAddr, which is usually unnamed. Fails as accept4(2) does; the listener goes on
  // (accept_backoff.h). Cancel safe: destroyed, it has accepted nothing.
  AcceptFrom<Connections> accept(Where where = Where::current()) const noexcept {
    return {io_.record(), where};
  }
  // For hand-written awaitables: only the last caller is woken.
  auto poll_accept(Context& cx, Where where = Where::current()) const {
    return poll_accept_from<Connections>(io_, cx, where);
  }

  Result<UnixSocketAddr> local_addr() const noexcept { return io_.with_fd(&local_unix_addr); }
  // The error that the socket holds, which this takes out of it.
  Result<std::optional<Error>> take_error() const noexcept {
    return io_.with_fd(&internal::take_error);
  }

  // Valid until closed; fatal after that.
  BorrowedFd as_fd(Where where = Where::current()) const noexcept { return io_.as_fd(where); }

 protected:
  explicit UnixListenerMembers(weft::internal::IoRegistration io) noexcept : io_(std::move(io)) {}

  weft::internal::IoRegistration io_;
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_UNIX_LISTENER_MEMBERS_H_
