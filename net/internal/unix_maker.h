// UnixMaker: how unix sockets become streams, listeners and datagram sockets.
//
// Spec: net.md X-1..X-3, C-6, G-1, G-3.
//
// The steps that UnixStream, UnixListener, UnixDatagram, UnixSeqpacket and UnixSocket share.

#ifndef WEFT_NET_INTERNAL_UNIX_MAKER_H_
#define WEFT_NET_INTERNAL_UNIX_MAKER_H_

#include <cstdint>
#include <source_location>
#include <utility>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/base/sys.h>
#include <weft/net/unix_socket_addr.h>
#include <weft/runtime/driver/io_record.h>
#include <weft/runtime/driver/io_registration.h>

namespace weft::net::internal {

class UnixMaker {
 public:
  // A non-blocking, close-on-exec unix socket; `type` is SOCK_STREAM and the like.
  static Result<OwnedFd> open(int type) noexcept;
  static Result<OwnedFd> open_bound(int type, const UnixSocketAddr& address) noexcept;
  static Result<OwnedFd> open_connected(int type, const UnixSocketAddr& address) noexcept;
  static Result<sys::Ends> open_pair(int type) noexcept;

  static Result<void> bind(BorrowedFd socket, const UnixSocketAddr& address) noexcept;
  // Ends at once, also on a socket that does not block: would_block means that the peer's backlog
  // is full, and that nothing is under way (C-6).
  static Result<void> connect(BorrowedFd socket, const UnixSocketAddr& address) noexcept;

  // Makes `Socket`, which has UnixMaker as a friend, of a non-blocking descriptor, which is moved
  // from only on success.
  template <class Socket>
  static Result<Socket> make(OwnedFd&& fd, weft::internal::IoKind kind,
                             std::source_location where) {
    return weft::internal::IoRegistration::create(std::move(fd), kind, where)
        .transform([](weft::internal::IoRegistration&& io) { return Socket(std::move(io)); });
  }
  template <class Socket>
  static Result<std::pair<Socket, Socket>> make_pair(int type, weft::internal::IoKind kind,
                                                     std::source_location where) {
    Result<sys::Ends> ends = open_pair(type);
    if (!ends) return Err(ends.error());
    Result<Socket> first = make<Socket>(std::move(ends->first), kind, where);
    if (!first) return Err(first.error());
    Result<Socket> second = make<Socket>(std::move(ends->second), kind, where);
    if (!second) return Err(second.error());
    return std::pair(*std::move(first), *std::move(second));
  }
  // Lets `socket`, which is bound, accept connections as a `Listener`.
  template <class Listener>
  static Result<Listener> listen(OwnedFd&& socket, std::uint32_t backlog,
                                 std::source_location where) {
    const Result<void> listening = listen_on(socket, backlog);
    if (!listening) return Err(listening.error());
    return make<Listener>(std::move(socket), weft::internal::IoKind::kStream, where);
  }
  // As many as the system allows.
  static constexpr std::uint32_t kLongestBacklog = 0x7fff'ffff;

 private:
  static Result<void> listen_on(BorrowedFd socket, std::uint32_t backlog) noexcept;
};

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_UNIX_MAKER_H_
