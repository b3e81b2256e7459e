// TcpListener: accepts TCP connections.
//
// Spec: net.md C-7, C-13..C-15, section 1; N-1..N-4, N-24.
//
//   Task<Result<void>> run(std::string_view address) {
//     Result<net::TcpListener> listener = co_await net::TcpListener::bind(address);
//     if (!listener) co_return Err(listener.error());
//     port = listener->local_addr()->port();
//     for (;;) {
//       auto accepted = co_await net::accept_with_backoff(*listener);
//       if (!accepted) co_return Err(accepted.error());
//       spawn(serve(std::move(accepted->first)));
//     }
//   }

#ifndef WEFT_NET_TCP_LISTENER_H_
#define WEFT_NET_TCP_LISTENER_H_

#include <cstdint>
#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/internal/accept.h>
#include <weft/net/socket_addr.h>
#include <weft/net/tcp_stream.h>
#include <weft/net/to_socket_addrs.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/task.h>

namespace weft::net {

namespace internal {

struct TcpConnections {
  using Stream = TcpStream;
  using Address = SocketAddr;
  static Result<TcpStream> make(OwnedFd&& connection, std::source_location where);
};

}  // namespace internal

// Any number of tasks may accept at the same time. Moving, destroying and the && functions need the
// listener for themselves.
class [[nodiscard]] TcpListener {
  using Where = std::source_location;

 public:
  // Binds to the first of the addresses that works, with SO_REUSEADDR and as long a backlog as the
  // system allows; the last error if none does, invalid_argument if there are none. Port 0 lets the
  // system choose. Fatal without a runtime that has I/O. Cancel safe: destroyed, it holds nothing.
  static Task<Result<TcpListener>> bind(ToSocketAddrs to, Where where = Where::current());

  // Takes over a listening, non-blocking socket; `fd` is moved from only on success. Fails with
  // invalid_argument if it is blocking. Fatal without a runtime that has I/O.
  static Result<TcpListener> from_fd(OwnedFd&& fd, Where where = Where::current());
  // Gives the socket back, non-blocking; tasks waiting for it end with Errc::closed. Fails with
  // device_or_resource_busy while another thread is in a call on it, and then changes nothing.
  Result<OwnedFd> into_fd() && { return std::move(io_).into_fd(); }

  // Closes now; waiting tasks, and whatever is done later, end with Errc::closed. May be repeated.
  Result<void> close() noexcept { return io_.close(); }

  // Yields Result<std::pair<TcpStream, SocketAddr>>: a connection, registered with the runtime that
  // accepts it, and the peer's address. Fails as accept4(2) does, which reports trouble of a single
  // connection as well as of the process (accept_backoff.h); the listener goes on either way.
  // Cancel safe: destroyed, it has accepted nothing.
  internal::AcceptFrom<internal::TcpConnections> accept(
      Where where = Where::current()) const noexcept {
    return {io_.record(), where};
  }
  // For hand-written awaitables: only the last caller is woken.
  Poll<Result<std::pair<TcpStream, SocketAddr>>> poll_accept(Context& cx,
                                                             Where where = Where::current()) const;

  Result<SocketAddr> local_addr() const noexcept;
  Result<std::uint32_t> ttl() const noexcept;
  Result<void> set_ttl(std::uint32_t value) noexcept;
  Result<std::optional<Error>> take_error() const noexcept;

  // Valid until closed; fatal after that.
  BorrowedFd as_fd(Where where = Where::current()) const noexcept { return io_.as_fd(where); }

 private:
  friend class internal::TcpMaker;
  friend class TcpListenerStream;
  explicit TcpListener(weft::internal::IoRegistration io) noexcept : io_(std::move(io)) {}

  const weft::internal::IoRegistration& registration() const noexcept { return io_; }

  weft::internal::IoRegistration io_;
};

// The connections of a TcpListener as a stream that never ends.
class [[nodiscard]] TcpListenerStream {
  using Where = std::source_location;

 public:
  explicit TcpListenerStream(TcpListener listener) noexcept : listener_(std::move(listener)) {}

  // Yields std::optional<Result<TcpStream>>, which is never empty. Cancel safe.
  internal::NextFrom<internal::TcpConnections> next(Where where = Where::current()) noexcept;

  TcpListener& inner() noexcept { return listener_; }
  TcpListener into_inner() && noexcept { return std::move(listener_); }

 private:
  TcpListener listener_;
};

}  // namespace weft::net

#endif  // WEFT_NET_TCP_LISTENER_H_
