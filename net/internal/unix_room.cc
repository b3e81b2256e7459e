// Waiting for room at a unix datagram socket. Interface and design: unix_room.h.

#include <weft/net/internal/unix_room.h>

#include <poll.h>
#include <span>

#include <weft/base/sys.h>
#include <weft/net/unix_datagram.h>

namespace weft::net::internal {

bool has_room_to_send(BorrowedFd socket) noexcept {
  ::pollfd own{socket.raw(), POLLOUT, 0};
  const Result<std::size_t> ready = sys::poll(std::span(&own, 1), 0);
  return ready && *ready == 1;
}

Task<Result<void>> room_at(UnixSocketAddr receiver) {
  const Result<UnixDatagram> watch = UnixDatagram::unbound();
  if (!watch) co_return Err(watch.error());
  const Result<void> connected = watch->connect_addr(receiver);
  if (!connected) co_return connected;
  const Result<void> ready = co_await watch->writable();
  co_return ready;
}

}  // namespace weft::net::internal
