// UnixSeqpacket: a connection to a process on the same machine that keeps messages apart.
//
// Spec: net.md X-6, C-6, U-3, U-6, section 1; N-72..N-76.
//
// It is made as a UnixStream is, by connecting to a listener, and has an end; but what one send()
// sends is what one recv() receives, as with a UnixDatagram. So a protocol of messages needs no
// lengths and no buffers, and descriptors that are sent along stay with their message.
//
//   Task<Result<std::size_t>> ask(net::UnixSocketAddr server, std::span<char> answer) {
//     auto connection = co_await net::UnixSeqpacket::connect_addr(server);
//     if (!connection) co_return Err(connection.error());
//     const Result<std::size_t> sent = co_await connection->send("how are you?");
//     if (!sent) co_return sent;
//     co_return co_await connection->recv(answer);
//   }

#ifndef WEFT_NET_UNIX_SEQPACKET_H_
#define WEFT_NET_UNIX_SEQPACKET_H_

#include <filesystem>
#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/ancillary/internal/message_members.h>
#include <weft/net/connect_backoff.h>
#include <weft/net/internal/datagram_members.h>
#include <weft/net/shutdown.h>
#include <weft/net/ucred.h>
#include <weft/net/unix_socket_addr.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/task.h>

namespace weft::net {

namespace internal {
class UnixMaker;
}  // namespace internal

// Sending and receiving: see internal/datagram_members.h, and for what comes with a message
// ancillary/internal/message_members.h. What differs from datagrams:
//   - Receiving 0 bytes is the end: the peer has closed, or ended sending, and nothing is left. An
//     empty message looks the same, so a protocol does without.
//   - A message that is longer than the buffer is cut off; recv_message() says so (is_truncated).
//   - Sending waits while the peer's queue is full. It fails with broken_pipe if the peer is gone,
//     with message_size if the message is longer than the socket's buffer (SO_SNDBUF).
// Any number of tasks may use it at the same time. Moving, destroying and the && functions need it
// for themselves.
class [[nodiscard]] UnixSeqpacket : public internal::ReadinessMembers<UnixSeqpacket>,
                                    public internal::DatagramSendMembers<UnixSeqpacket>,
                                    public internal::DatagramReceiveMembers<UnixSeqpacket>,
                                    public internal::MessageMembers<UnixSeqpacket> {
  using Where = std::source_location;

 public:
  // Connects to a UnixSeqpacketListener. A path that begins with a NUL is an abstract name. Fails
  // with would_block if the listener's backlog is full, which no event announces the end of; with
  // wrong_protocol_type if what listens at the path is of another kind. Fatal without a runtime
  // that has I/O.
  static Task<Result<UnixSeqpacket>> connect(std::filesystem::path path,
                                             Where where = Where::current());
  static Task<Result<UnixSeqpacket>> connect_addr(UnixSocketAddr address,
                                                  Where where = Where::current());
  // The same, and as long as the backlog is full tries again a little later, for ever. Needs a
  // runtime with timers once it has to wait. Cancel safe.
  static Task<Result<UnixSeqpacket>> connect_with_backoff(UnixSocketAddr address,
                                                          ConnectBackoff backoff = {},
                                                          Where where = Where::current());
  // Two sockets that are connected to each other, without addresses.
  static Result<std::pair<UnixSeqpacket, UnixSeqpacket>> pair(Where where = Where::current());

  // Takes over a connected, non-blocking socket; `fd` is moved from only on success. Fails with
  // invalid_argument if it is blocking. Fatal without a runtime that has I/O.
  static Result<UnixSeqpacket> from_fd(OwnedFd&& fd, Where where = Where::current());
  // Gives the socket back, non-blocking; tasks waiting for it end with Errc::closed. Fails with
  // device_or_resource_busy while another thread is in a call on it, and then changes nothing.
  Result<OwnedFd> into_fd() && { return std::move(io_).into_fd(); }

  // Closes now; tasks waiting for it, and whatever is done later, end with Errc::closed. May be
  // repeated.
  Result<void> close() noexcept { return io_.close(); }

  // Ends receiving, sending, or both. The peer receives what was sent before, and then the end.
  Result<void> shutdown(Shutdown how) const noexcept;

  Result<UnixSocketAddr> local_addr() const noexcept;
  // Unnamed for most who connect.
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

  explicit UnixSeqpacket(weft::internal::IoRegistration io) noexcept : io_(std::move(io)) {}

  const weft::internal::IoRegistration& registration() const noexcept { return io_; }

  weft::internal::IoRegistration io_;
};

}  // namespace weft::net

#endif  // WEFT_NET_UNIX_SEQPACKET_H_
