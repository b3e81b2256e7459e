// UnixStream: a connection to a process on the same machine.
//
// Spec: net.md section 4, C-6, C-10..C-12, section 1; N-33..N-38, N-60.
//
// As a TcpStream, but for its addresses, for the credentials of the peer, and that connecting ends
// at once, well or badly.
//
//   // Connects as soon as the server has room for it.
//   Task<Result<net::UnixStream>> greet(net::UnixSocketAddr server) {
//     auto stream = co_await net::UnixStream::connect_with_backoff(server);
//     if (!stream) co_return Err(stream.error());
//     const Result<void> written = co_await stream->write_all("hello\n");
//     if (!written) co_return Err(written.error());
//     co_return stream;
//   }

#ifndef WEFT_NET_UNIX_STREAM_H_
#define WEFT_NET_UNIX_STREAM_H_

#include <filesystem>
#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/ancillary/internal/message_members.h>
#include <weft/net/connect_backoff.h>
#include <weft/net/internal/stream_members.h>
#include <weft/net/ucred.h>
#include <weft/net/unix_socket_addr.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/task.h>

namespace weft::net {

// The halves: unix_split.h, unix_owned_halves.h.
template <class Stream>
class OwnedReadHalf;
template <class Stream>
class OwnedWriteHalf;
template <class Stream>
class ReadHalf;
template <class Stream>
class WriteHalf;

namespace internal {
class UnixMaker;
}  // namespace internal

// Reading, writing and waiting: see internal/stream_members.h. Moving, destroying and the &&
// functions need the stream for themselves.
class [[nodiscard]] UnixStream : public internal::ReadinessMembers<UnixStream>,
                                 public internal::ReadMembers<UnixStream>,
                                 public internal::PeekMembers<UnixStream>,
                                 public internal::WriteMembers<UnixStream>,
                                 public internal::MessageMembers<UnixStream> {
  using Where = std::source_location;

 public:
  // Connects to a listener. A path that begins with a NUL is an abstract name. Fails with
  // would_block if the listener's backlog is full, which no event announces the end of. Fatal
  // without a runtime that has I/O.
  static Task<Result<UnixStream>> connect(std::filesystem::path path,
                                          Where where = Where::current());
  static Task<Result<UnixStream>> connect_addr(UnixSocketAddr address,
                                               Where where = Where::current());
  // The same, and as long as the backlog is full tries again a little later, for ever. Needs a
  // runtime with timers once it has to wait. Cancel safe.
  static Task<Result<UnixStream>> connect_with_backoff(UnixSocketAddr address,
                                                       ConnectBackoff backoff = {},
                                                       Where where = Where::current());
  // Two streams that are connected to each other, without addresses.
  static Result<std::pair<UnixStream, UnixStream>> pair(Where where = Where::current());

  // Takes over a connected, non-blocking socket; `fd` is moved from only on success. Fails with
  // invalid_argument if it is blocking. Fatal without a runtime that has I/O.
  static Result<UnixStream> from_fd(OwnedFd&& fd, Where where = Where::current());
  // Gives the socket back, non-blocking; tasks waiting for it end with Errc::closed. Fails with
  // device_or_resource_busy while another thread is in a call on it, and then changes nothing.
  Result<OwnedFd> into_fd() && { return std::move(io_).into_fd(); }

  // Closes now; tasks waiting for it, and whatever is done later, end with Errc::closed. May be
  // repeated.
  Result<void> close() noexcept { return io_.close(); }

  // Borrows the stream for both halves, which must not outlive it.
  std::pair<ReadHalf<UnixStream>, WriteHalf<UnixStream>> split() noexcept;
  // Halves that own the stream together and may go to different tasks. Throws std::bad_alloc.
  std::pair<OwnedReadHalf<UnixStream>, OwnedWriteHalf<UnixStream>> into_split() &&;

  Result<UnixSocketAddr> local_addr() const noexcept;
  Result<UnixSocketAddr> peer_addr() const noexcept;
  // The process at the other end, as it was when it connected, listened or made the pair.
  Result<UCred> peer_cred() const noexcept;
  // The error that the socket holds, which this takes out of it.
  Result<std::optional<Error>> take_error() const noexcept;

  // Valid until closed; fatal after that.
  BorrowedFd as_fd(Where where = Where::current()) const noexcept { return io_.as_fd(where); }

 private:
  friend class internal::SocketAccess;
  friend class internal::UnixMaker;

  explicit UnixStream(weft::internal::IoRegistration io) noexcept : io_(std::move(io)) {}

  const weft::internal::IoRegistration& registration() const noexcept { return io_; }
  Result<void> shutdown_write() const noexcept;

  weft::internal::IoRegistration io_;
};

}  // namespace weft::net

#endif  // WEFT_NET_UNIX_STREAM_H_
