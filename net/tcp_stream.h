// TcpStream: a TCP connection.
//
// Spec: net.md C-1..C-5, C-8..C-12, section 1.
//
// Reading and writing are independent: one task may read while another writes, through the halves
// that split() and into_split() give, or simply through the stream, whose functions may be called
// from any thread. A stream belongs to the runtime it was made in; it works in tasks of others as
// long as that one lives.
//
//   Task<Result<std::string>> ask(net::ToSocketAddrs server, std::string_view question) {
//     Result<net::TcpStream> stream = co_await net::TcpStream::connect(std::move(server));
//     if (!stream) co_return Err(stream.error());
//     const Result<void> asked = co_await stream->write_all(question);
//     if (!asked) co_return Err(asked.error());
//     const Result<void> ended = co_await stream->shutdown();  // the server reads to the end
//     if (!ended) co_return Err(ended.error());
//     std::string answer;
//     const Result<std::size_t> read = co_await stream->read_to_string(answer);
//     if (!read) co_return Err(read.error());
//     co_return answer;
//   }

#ifndef WEFT_NET_TCP_STREAM_H_
#define WEFT_NET_TCP_STREAM_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/ancillary/internal/message_members.h>
#include <weft/net/internal/stream_members.h>
#include <weft/net/socket_addr.h>
#include <weft/net/to_socket_addrs.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/task.h>

namespace weft::net {

// The halves: tcp_split.h, tcp_owned_halves.h.
template <class Stream>
class OwnedReadHalf;
template <class Stream>
class OwnedWriteHalf;
template <class Stream>
class ReadHalf;
template <class Stream>
class WriteHalf;

namespace internal {
class TcpMaker;
}  // namespace internal

// Reading, writing and waiting: see internal/stream_members.h. Moving, destroying and the &&
// functions need the stream for themselves.
class [[nodiscard]] TcpStream : public internal::ReadinessMembers<TcpStream>,
                                public internal::ReadMembers<TcpStream>,
                                public internal::PeekMembers<TcpStream>,
                                public internal::WriteMembers<TcpStream>,
                                public internal::MessageMembers<TcpStream> {
  using Where = std::source_location;

 public:
  // Tries the addresses one after the other and yields the first connection, or the last error;
  // invalid_argument if there are no addresses. Fatal without a runtime that has I/O. Destroying
  // the task gives the attempt up.
  static Task<Result<TcpStream>> connect(ToSocketAddrs to, Where where = Where::current());

  // Takes over a connected, non-blocking socket; `fd` is moved from only on success. Fails with
  // invalid_argument if it is blocking. Fatal without a runtime that has I/O.
  static Result<TcpStream> from_fd(OwnedFd&& fd, Where where = Where::current());
  // Gives the socket back, non-blocking; tasks waiting for it end with Errc::closed. Fails with
  // device_or_resource_busy while another thread is in a call on it, and then changes nothing.
  Result<OwnedFd> into_fd() && { return std::move(io_).into_fd(); }

  // Closes now; tasks waiting for it, and whatever is done later, end with Errc::closed. Unlike the
  // destructor it says what close(2) said. May be repeated.
  Result<void> close() noexcept { return io_.close(); }

  // Borrows the stream for both halves, which must not outlive it.
  std::pair<ReadHalf<TcpStream>, WriteHalf<TcpStream>> split() noexcept;
  // Halves that own the stream together and may go to different tasks. Throws std::bad_alloc.
  std::pair<OwnedReadHalf<TcpStream>, OwnedWriteHalf<TcpStream>> into_split() &&;

  Result<SocketAddr> local_addr() const noexcept;
  Result<SocketAddr> peer_addr() const noexcept;

  // Sends small writes at once instead of collecting them (TCP_NODELAY).
  Result<bool> nodelay() const noexcept;
  Result<void> set_nodelay(bool value) noexcept;
  // Acknowledges at once (TCP_QUICKACK). The kernel may leave this mode again.
  Result<bool> quickack() const noexcept;
  Result<void> set_quickack(bool value) noexcept;
  // How long closing waits for unsent data. Prefer not to set it: anything above zero blocks the
  // thread that closes, on a non-blocking socket too.
  Result<std::optional<std::chrono::seconds>> linger() const noexcept;
  Result<void> set_linger(std::optional<std::chrono::seconds> value) noexcept;
  // Closing resets the connection: what was not sent is lost, and nothing stays in TIME_WAIT.
  Result<void> set_zero_linger() noexcept;
  Result<std::uint32_t> ttl() const noexcept;
  Result<void> set_ttl(std::uint32_t value) noexcept;
  // The error that the socket holds, which this takes out of it: the next read or write does not
  // see it any more.
  Result<std::optional<Error>> take_error() const noexcept;

  // Valid until closed; fatal after that.
  BorrowedFd as_fd(Where where = Where::current()) const noexcept { return io_.as_fd(where); }

 private:
  friend class internal::SocketAccess;
  friend class internal::TcpMaker;

  explicit TcpStream(weft::internal::IoRegistration io) noexcept : io_(std::move(io)) {}

  const weft::internal::IoRegistration& registration() const noexcept { return io_; }
  // SHUT_WR. A connection that is gone already needs none (C-11).
  Result<void> shutdown_write() const noexcept;

  weft::internal::IoRegistration io_;
};

}  // namespace weft::net

#endif  // WEFT_NET_TCP_STREAM_H_
