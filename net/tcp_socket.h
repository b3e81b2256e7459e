// TcpSocket: a TCP socket before it connects or listens, to set its options first.
//
// Spec: net.md C-7, N-12..N-14.
//
//   // A listener on a port that other processes may listen on, too.
//   Result<net::TcpListener> listen_together(net::SocketAddr address) {
//     Result<net::TcpSocket> socket = net::TcpSocket::new_v4();
//     if (!socket) return Err(socket.error());
//     if (const Result<void> set = socket->set_reuseport(true); !set) return Err(set.error());
//     if (const Result<void> bound = socket->bind(address); !bound) return Err(bound.error());
//     return std::move(*socket).listen(1024);
//   }

#ifndef WEFT_NET_TCP_SOCKET_H_
#define WEFT_NET_TCP_SOCKET_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/socket_addr.h>
#include <weft/net/tcp_listener.h>
#include <weft/net/tcp_stream.h>
#include <weft/runtime/task.h>

namespace weft::net {

// Needs no runtime until it connects or listens. Setters and getters fail as setsockopt(2) and
// getsockopt(2) do. Used by one thread at a time.
class [[nodiscard]] TcpSocket {
  using Where = std::source_location;

 public:
  static Result<TcpSocket> new_v4();
  static Result<TcpSocket> new_v6();
  // Takes over an unconnected, non-blocking socket; `fd` is moved from only on success. Fails with
  // invalid_argument if it is blocking.
  static Result<TcpSocket> from_fd(OwnedFd&& fd);

  Result<void> set_reuseaddr(bool value) noexcept;
  Result<bool> reuseaddr() const noexcept;
  Result<void> set_reuseport(bool value) noexcept;
  Result<bool> reuseport() const noexcept;
  Result<void> set_keepalive(bool value) noexcept;
  Result<bool> keepalive() const noexcept;
  Result<void> set_nodelay(bool value) noexcept;
  Result<bool> nodelay() const noexcept;
  // Bytes. Linux doubles them for its own bookkeeping, and says so when asked.
  Result<void> set_send_buffer_size(std::uint32_t bytes) noexcept;
  Result<std::uint32_t> send_buffer_size() const noexcept;
  Result<void> set_recv_buffer_size(std::uint32_t bytes) noexcept;
  Result<std::uint32_t> recv_buffer_size() const noexcept;
  // As TcpStream's: prefer not to set anything but zero.
  Result<void> set_linger(std::optional<std::chrono::seconds> value) noexcept;
  Result<std::optional<std::chrono::seconds>> linger() const noexcept;
  Result<void> set_zero_linger() noexcept;
  // The traffic class octet of IPv4 packets (IP_TOS), and of IPv6 ones (IPV6_TCLASS).
  Result<void> set_tos_v4(std::uint32_t value) noexcept;
  Result<std::uint32_t> tos_v4() const noexcept;
  Result<void> set_tclass_v6(std::uint32_t value) noexcept;
  Result<std::uint32_t> tclass_v6() const noexcept;
  // Restricts the socket to a network interface; nothing lifts that. May need a privilege.
  Result<void> bind_device(std::optional<std::string_view> name) noexcept;
  Result<std::optional<std::string>> device() const;

  Result<void> bind(SocketAddr address) noexcept;
  Result<SocketAddr> local_addr() const noexcept;
  Result<std::optional<Error>> take_error() const noexcept;
  // Fatal once it has been moved from.
  BorrowedFd as_fd(Where where = Where::current()) const noexcept { return fd_.borrow(where); }

  // Connects to `address`. Fatal without a runtime that has I/O. Cancel safe: the socket goes with
  // it, and destroying the task closes it.
  Task<Result<TcpStream>> connect(SocketAddr address, Where where = Where::current()) &&;
  // Accepts connections; `backlog` is how many may wait, cut down to the system's limit. The socket
  // is closed if it fails. Fatal without a runtime that has I/O.
  Result<TcpListener> listen(std::uint32_t backlog, Where where = Where::current()) &&;

 private:
  explicit TcpSocket(OwnedFd fd) noexcept : fd_(std::move(fd)) {}

  OwnedFd fd_;
};

}  // namespace weft::net

#endif  // WEFT_NET_TCP_SOCKET_H_
