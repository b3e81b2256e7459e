// UnixSeqpacketListener: accepts connections of messages from processes on the same machine.
//
// Spec: net.md, C-13..C-15, section 1; N-72.
//
// As a UnixListener, of which it differs only in what it accepts: the file that a path names stays
// when the listener is gone, and an abstract name leaves nothing behind.
//
//   Task<Result<std::size_t>> echo_one(const net::UnixSeqpacketListener& listener) {
//     auto accepted = co_await net::accept_with_backoff(listener);
//     if (!accepted) co_return Err(accepted.error());
//     auto& [connection, client] = *accepted;
//     std::array<char, 64> room;
//     const Result<std::size_t> size = co_await connection.recv(room);
//     if (!size) co_return size;
//     co_return co_await connection.send(std::string_view(room.data(), *size));
//   }

#ifndef WEFT_NET_UNIX_SEQPACKET_LISTENER_H_
#define WEFT_NET_UNIX_SEQPACKET_LISTENER_H_

#include <filesystem>
#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/internal/accept.h>
#include <weft/net/unix_seqpacket.h>
#include <weft/net/unix_socket_addr.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/poll.h>

namespace weft::net {

namespace internal {

struct SeqpacketConnections {
  using Stream = UnixSeqpacket;
  using Address = UnixSocketAddr;
  static Result<UnixSeqpacket> make(OwnedFd&& connection, std::source_location where);
};

}  // namespace internal

// Any number of tasks may accept at the same time. Moving, destroying and the && functions need the
// listener for themselves.
class [[nodiscard]] UnixSeqpacketListener {
  using Where = std::source_location;

 public:
  // Binds to a path, or, if it begins with a NUL, to an abstract name; the backlog is as long as
  // the system allows. Fails with address_in_use if there is such a file. Fatal without a runtime
  // that has I/O.
  static Result<UnixSeqpacketListener> bind(const std::filesystem::path& path,
                                            Where where = Where::current());
  // Unnamed: the system chooses an abstract name.
  static Result<UnixSeqpacketListener> bind_addr(const UnixSocketAddr& address,
                                                 Where where = Where::current());

  // Takes over a listening, non-blocking socket; `fd` is moved from only on success. Fails with
  // invalid_argument if it is blocking. Fatal without a runtime that has I/O.
  static Result<UnixSeqpacketListener> from_fd(OwnedFd&& fd, Where where = Where::current());
  // Gives the socket back, non-blocking; tasks waiting for it end with Errc::closed. Fails with
  // device_or_resource_busy while another thread is in a call on it, and then changes nothing.
  Result<OwnedFd> into_fd() && { return std::move(io_).into_fd(); }

  // Closes now; waiting tasks, and whatever is done later, end with Errc::closed. May be repeated.
  Result<void> close() noexcept { return io_.close(); }

  // Yields Result<std::pair<UnixSeqpacket, UnixSocketAddr>>: a connection, registered with the
  // runtime that accepts it, and the peer's address, which is usually unnamed. Fails as accept4(2)
  // does; the listener goes on (accept_backoff.h). Cancel safe: destroyed, it has accepted nothing.
  internal::AcceptFrom<internal::SeqpacketConnections> accept(
      Where where = Where::current()) const noexcept {
    return {io_.record(), where};
  }
  // For hand-written awaitables: only the last caller is woken.
  Poll<Result<std::pair<UnixSeqpacket, UnixSocketAddr>>> poll_accept(
      Context& cx, Where where = Where::current()) const;

  Result<UnixSocketAddr> local_addr() const noexcept;
  Result<std::optional<Error>> take_error() const noexcept;

  // Valid until closed; fatal after that.
  BorrowedFd as_fd(Where where = Where::current()) const noexcept { return io_.as_fd(where); }

 private:
  friend class internal::UnixMaker;
  explicit UnixSeqpacketListener(weft::internal::IoRegistration io) noexcept : io_(std::move(io)) {}

  weft::internal::IoRegistration io_;
};

}  // namespace weft::net

#endif  // WEFT_NET_UNIX_SEQPACKET_LISTENER_H_
