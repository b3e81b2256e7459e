// Socket: a socket as the system has it, one function for each system call.
//
// Spec: docs/spec/socket.md (S-).
//
// Below the asynchronous sockets of weft::net: no runtime, no buffering, no protocol, and no
// checking beyond what memory safety needs. It owns a descriptor and makes calls on it; whether
// these block is the descriptor's mode, which is blocking unless asked for otherwise. To be used
// where a socket has to be prepared in a way that TcpSocket and its like do not know, before it is
// handed to them (into_fd(), from_fd()), or to look at one of theirs (SockRef).
//
//   // A listener for IPv6 only, which two processes may have on the same port.
//   Result<net::Socket> listen_on(const net::SocketAddr& address) {
//     auto socket = net::Socket::create(net::Domain::kIpv6, net::Type::kStream.nonblocking());
//     if (!socket) return socket;
//     for (const Result<void>& set : {socket->set_only_v6(true), socket->set_reuse_port(true),
//                                     socket->bind(address), socket->listen(128)}) {
//       if (!set) return Err(set.error());
//     }
//     return socket;
//   }
//
// Its other functions, by subject, are in the headers of the classes that it is derived from:
// sending and receiving (internal/socket_transfer.h) and options (internal/socket_level_options.h,
// ip_options.h, multicast_options.h, tcp_options.h, datagram_options.h), and messages with
// ancillary data (ancillary/internal/blocking_message_members.h). What all of them promise:
// internal/socket_handle.h.

#ifndef WEFT_NET_SOCKET_SOCKET_H_
#define WEFT_NET_SOCKET_SOCKET_H_

#include <chrono>
#include <optional>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/ancillary/internal/blocking_message_members.h>
#include <weft/net/internal/datagram_options.h>
#include <weft/net/shutdown.h>
#include <weft/net/socket/sock_addr.h>
#include <weft/net/socket/socket_kind.h>

namespace weft::net {

// Move-only; closes on destruction. Thread-safe as a descriptor is: any thread may make any call,
// while nobody moves or destroys it.
class [[nodiscard]] Socket : public internal::DatagramOptions,
                             public internal::BlockingMessageMembers<Socket> {
 public:
  using Accepted = std::pair<Socket, SockAddr>;
  using Two = std::pair<Socket, Socket>;

  // socket(2), close-on-exec. Fails with too_many_files_open and the like.
  static Result<Socket> create(Domain domain, Type type,
                               std::optional<Protocol> protocol = std::nullopt) noexcept;
  // The same without adding a flag.
  static Result<Socket> create_raw(Domain domain, Type type,
                                   std::optional<Protocol> protocol = std::nullopt) noexcept;
  // socketpair(2): two that are connected with each other, close-on-exec.
  static Result<Two> pair(Domain domain, Type type,
                          std::optional<Protocol> protocol = std::nullopt) noexcept;
  // The same without adding a flag.
  static Result<Two> pair_raw(Domain domain, Type type,
                              std::optional<Protocol> protocol = std::nullopt) noexcept;
  // Takes over `fd`, whose mode stays as it is. Empty, it makes a socket that is moved from.
  explicit Socket(OwnedFd fd) noexcept : DatagramOptions(std::move(fd)) {}

  // Gives the descriptor up; this is moved from then.
  OwnedFd into_fd() && noexcept { return std::move(fd_); }
  // Closes and says what close(2) said. The descriptor is gone whatever that is.
  Result<void> close() noexcept { return fd_.close(); }
  // A second descriptor of the same socket, close-on-exec: they share modes and options.
  Result<Socket> try_clone() const noexcept;

  Result<void> bind(const SockAddr& address) const noexcept;
  // `backlog`: how many connections may wait to be accepted; cut down to the system's limit.
  Result<void> listen(int backlog) const noexcept;
  // Takes the next connection, close-on-exec; it is blocking whatever this socket is.
  Result<Accepted> accept() const noexcept;
  // The same without adding a flag, and with `flags`: SOCK_CLOEXEC, SOCK_NONBLOCK.
  Result<Accepted> accept_raw() const noexcept { return accept4(0); }
  Result<Accepted> accept4(int flags) const noexcept;

  // Non-blocking: operation_in_progress, and once it is writable take_error() tells how it went. A
  // call that a signal interrupts goes on in the background: to be waited for, not repeated.
  Result<void> connect(const SockAddr& address) const noexcept;
  // Connects, and waits for it up to `limit`: timed_out after that, while the attempt may go on.
  // Blocks the thread, so it is not for tasks. Several calls: the socket is made non-blocking for
  // connect(2), and gets its former mode back before the waiting, which is poll(2) until it is
  // over, whatever the number of signals.
  Result<void> connect_timeout(const SockAddr& address,
                               std::chrono::nanoseconds limit) const noexcept;
  // Ends a direction; what has been sent still arrives. not_connected without a peer.
  Result<void> shutdown(Shutdown how) const noexcept;

  // What it is bound to, and what it is connected to (not_connected if it is not).
  Result<SockAddr> local_addr() const noexcept;
  Result<SockAddr> peer_addr() const noexcept;

  // O_NONBLOCK. Setting looks first, and makes the second call only if something changes. The mode
  // belongs to the socket, not to the descriptor: all copies have it.
  Result<bool> nonblocking() const noexcept;
  Result<void> set_nonblocking(bool value) const noexcept;
  // FD_CLOEXEC, in the same way; it belongs to the descriptor.
  Result<void> set_cloexec(bool value) const noexcept;
};

static_assert(sizeof(Socket) == sizeof(int));

}  // namespace weft::net

#endif  // WEFT_NET_SOCKET_SOCKET_H_
