// UnixListener: accepts connections from processes on the same machine.
//
// Spec: net.md X-1, C-13..C-15, section 1; N-33, N-35, N-60.
//
// The file that a path names is made by binding, and stays when the listener is gone: who binds
// again removes it first. An abstract name leaves nothing behind.
//
//   // Takes the place of a server that is gone: its file is still there, but nobody answers.
//   Task<Result<net::UnixListener>> listen_at(std::filesystem::path path) {
//     const Result<net::UnixStream> other = co_await net::UnixStream::connect(path);
//     if (other) co_return Err(std::errc::address_in_use);
//     std::error_code ignored;
//     std::filesystem::remove(path, ignored);
//     co_return net::UnixListener::bind(path);
//   }

#ifndef WEFT_NET_UNIX_LISTENER_H_
#define WEFT_NET_UNIX_LISTENER_H_

#include <filesystem>
#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/internal/accept.h>
#include <weft/net/unix_socket_addr.h>
#include <weft/net/unix_stream.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/poll.h>

namespace weft::net {

namespace internal {

struct UnixConnections {
  using Stream = UnixStream;
  using Address = UnixSocketAddr;
  static Result<UnixStream> make(OwnedFd&& connection, std::source_location where);
};

}  // namespace internal

// Any number of tasks may accept at the same time. Moving, destroying and the && functions need the
// listener for themselves.
class [[nodiscard]] UnixListener {
  using Where = std::source_location;

 public:
  // Binds to a path, or, if it begins with a NUL, to an abstract name; the backlog is as long as
  // the system allows. Fails with address_in_use if there is such a file. Fatal without a runtime
  // that has I/O.
  static Result<UnixListener> bind(const std::filesystem::path& path,
                                   Where where = Where::current());
  // Unnamed: the system chooses an abstract name.
  static Result<UnixListener> bind_addr(const UnixSocketAddr& address,
                                        Where where = Where::current());

  // Takes over a listening, non-blocking socket; `fd` is moved from only on success. Fails with
  // invalid_argument if it is blocking. Fatal without a runtime that has I/O.
  static Result<UnixListener> from_fd(OwnedFd&& fd, Where where = Where::current());
  // Gives the socket back, non-blocking; tasks waiting for it end with Errc::closed. Fails with
  // device_or_resource_busy while another thread is in a call on it, and then changes nothing.
  Result<OwnedFd> into_fd() && { return std::move(io_).into_fd(); }

  // Closes now; waiting tasks, and whatever is done later, end with Errc::closed. May be repeated.
  Result<void> close() noexcept { return io_.close(); }

  // Yields Result<std::pair<UnixStream, UnixSocketAddr>>: a connection, registered with the runtime
  // that accepts it, and the peer's address, which is usually unnamed. Fails as accept4(2) does;
  // the listener goes on (accept_backoff.h). Cancel safe: destroyed, it has accepted nothing.
  internal::AcceptFrom<internal::UnixConnections> accept(
      Where where = Where::current()) const noexcept {
    return {io_.record(), where};
  }
  // For hand-written awaitables: only the last caller is woken.
  Poll<Result<std::pair<UnixStream, UnixSocketAddr>>> poll_accept(
      Context& cx, Where where = Where::current()) const;

  Result<UnixSocketAddr> local_addr() const noexcept;
  Result<std::optional<Error>> take_error() const noexcept;

  // Valid until closed; fatal after that.
  BorrowedFd as_fd(Where where = Where::current()) const noexcept { return io_.as_fd(where); }

 private:
  friend class internal::UnixMaker;
  friend class UnixListenerStream;
  explicit UnixListener(weft::internal::IoRegistration io) noexcept : io_(std::move(io)) {}

  weft::internal::IoRegistration io_;
};

// The connections of a UnixListener as a stream that never ends.
class [[nodiscard]] UnixListenerStream {
  using Where = std::source_location;

 public:
  explicit UnixListenerStream(UnixListener listener) noexcept : listener_(std::move(listener)) {}

  // Yields std::optional<Result<UnixStream>>, which is never empty. Cancel safe.
  internal::NextFrom<internal::UnixConnections> next(Where where = Where::current()) noexcept {
    return {listener_.io_.record(), where};
  }

  UnixListener& inner() noexcept { return listener_; }
  UnixListener into_inner() && noexcept { return std::move(listener_); }

 private:
  UnixListener listener_;
};

}  // namespace weft::net

#endif  // WEFT_NET_UNIX_LISTENER_H_
