// UnixDatagram: datagrams between processes on the same machine.
//
// Spec: net.md, U-3, section 1; N-40.
//
// Unlike UDP's they arrive, in order, and who sends too many waits until the peer has read some.
// Who wants answers has to be bound: an unbound sender is unnamed.
//
//   // Tells everyone who listens, and says how many did.
//   Task<int> notify(const net::UnixDatagram& socket, std::vector<net::UnixSocketAddr> listeners) {
//     int told = 0;
//     for (const net::UnixSocketAddr& listener : listeners) {
//       const Result<std::size_t> sent = co_await socket.send_to_addr("changed", listener);
//       if (sent) ++told;  // else it is gone
//     }
//     co_return told;
//   }

#ifndef WEFT_NET_UNIX_DATAGRAM_H_
#define WEFT_NET_UNIX_DATAGRAM_H_

#include <cstddef>
#include <filesystem>
#include <optional>
#include <source_location>
#include <span>
#include <string_view>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/net/ancillary/internal/message_members.h>
#include <weft/net/internal/datagram_members.h>
#include <weft/net/shutdown.h>
#include <weft/net/ucred.h>
#include <weft/net/unix_socket_addr.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/task.h>

namespace weft::net {

namespace internal {
class UnixMaker;
}  // namespace internal

// Receiving, and sending on a connected socket: see internal/datagram_members.h. Any number of
// tasks may use it at the same time. Moving, destroying and the && functions need it for
// themselves.
class [[nodiscard]] UnixDatagram
    : public internal::ReadinessMembers<UnixDatagram>,
      public internal::DatagramSendMembers<UnixDatagram>,
      public internal::DatagramReceiveMembers<UnixDatagram>,
      public internal::DatagramFromMembers<UnixDatagram, UnixSocketAddr>,
      public internal::MessageMembers<UnixDatagram>,
      public internal::MessageToMembers<UnixDatagram, UnixSocketAddr> {
  using Where = std::source_location;

 public:
  // Binds to a path, or, if it begins with a NUL, to an abstract name. The file stays when the
  // socket is gone. Fails with address_in_use if there is such a file. Fatal without a runtime that
  // has I/O.
  static Result<UnixDatagram> bind(const std::filesystem::path& path,
                                   Where where = Where::current());
  static Result<UnixDatagram> bind_addr(const UnixSocketAddr& address,
                                        Where where = Where::current());
  // Without an address, to send or to connect. Fatal without a runtime that has I/O.
  static Result<UnixDatagram> unbound(Where where = Where::current());
  // Two sockets that are connected to each other, without addresses.
  static Result<std::pair<UnixDatagram, UnixDatagram>> pair(Where where = Where::current());

  // Takes over a non-blocking datagram socket; `fd` is moved from only on success. Fails with
  // invalid_argument if it is blocking. Fatal without a runtime that has I/O.
  static Result<UnixDatagram> from_fd(OwnedFd&& fd, Where where = Where::current());
  // Gives the socket back, non-blocking; tasks waiting for it end with Errc::closed. Fails with
  // device_or_resource_busy while another thread is in a call on it, and then changes nothing.
  Result<OwnedFd> into_fd() && { return std::move(io_).into_fd(); }

  // Closes now; tasks waiting for it, and whatever is done later, end with Errc::closed. May be
  // repeated.
  Result<void> close() noexcept { return io_.close(); }

  // Makes the socket that is bound to `path` the peer; at once. May be repeated with another.
  Result<void> connect(const std::filesystem::path& path) const noexcept;
  Result<void> connect_addr(const UnixSocketAddr& address) const noexcept;

  // The size of the datagram, once it lies in the receiver's queue; while that is full it waits,
  // with one descriptor more. Fails with message_size, connection_refused if nobody is bound there
  // any more, no_such_file_or_directory. Cancel safe. The data has to live until the task is done.
  Task<Result<std::size_t>> send_to(std::span<const std::byte> data,
                                    std::filesystem::path path) const;
  Task<Result<std::size_t>> send_to(std::string_view text, std::filesystem::path path) const {
    return send_to(std::as_bytes(std::span(text)), std::move(path));
  }
  Task<Result<std::size_t>> send_to_addr(std::span<const std::byte> data, UnixSocketAddr to) const;
  Task<Result<std::size_t>> send_to_addr(std::string_view text, UnixSocketAddr to) const {
    return send_to_addr(std::as_bytes(std::span(text)), to);
  }
  // At once: would_block if the receiver's queue is full, or if it is not known to be possible.
  // What writable() says afterwards is about this socket's own queue only: send_to() waits for the
  // receiver's.
  Result<std::size_t> try_send_to(std::span<const std::byte> data,
                                  const std::filesystem::path& path) const noexcept;
  Result<std::size_t> try_send_to(std::string_view text,
                                  const std::filesystem::path& path) const noexcept {
    return try_send_to(std::as_bytes(std::span(text)), path);
  }
  Result<std::size_t> try_send_to_addr(std::span<const std::byte> data,
                                       const UnixSocketAddr& to) const noexcept;

  // Ends receiving, sending, or both.
  Result<void> shutdown(Shutdown how) const noexcept;

  Result<UnixSocketAddr> local_addr() const noexcept;
  // Fails with not_connected if there is no peer.
  Result<UnixSocketAddr> peer_addr() const noexcept;
  // The error that the socket holds, which this takes out of it.
  Result<std::optional<Error>> take_error() const noexcept;

  // Valid until closed; fatal after that.
  BorrowedFd as_fd(Where where = Where::current()) const noexcept { return io_.as_fd(where); }

 private:
  friend class internal::SocketAccess;
  friend class internal::UnixMaker;

  explicit UnixDatagram(weft::internal::IoRegistration io) noexcept : io_(std::move(io)) {}

  const weft::internal::IoRegistration& registration() const noexcept { return io_; }

  weft::internal::IoRegistration io_;
};

}  // namespace weft::net

#endif  // WEFT_NET_UNIX_DATAGRAM_H_
