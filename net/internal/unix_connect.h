// Connecting to unix listeners.
//
// Spec: net.md C-6, X-2, X-6; N-60.
//
// What UnixStream and UnixSeqpacket have in common: `Socket` is one of them, `type` SOCK_STREAM or
// SOCK_SEQPACKET.

#ifndef WEFT_NET_INTERNAL_UNIX_CONNECT_H_
#define WEFT_NET_INTERNAL_UNIX_CONNECT_H_

#include <algorithm>
#include <chrono>
#include <source_location>
#include <system_error>

#include <weft/base/result.h>
#include <weft/net/connect_backoff.h>
#include <weft/net/internal/unix_maker.h>
#include <weft/net/unix_socket_addr.h>
#include <weft/runtime/driver/io_record.h>
#include <weft/runtime/task.h>
#include <weft/time/sleep.h>

namespace weft::net::internal {

// Ends at once: would_block if the backlog is full.
template <class Socket>
Result<Socket> connect_unix(int type, const UnixSocketAddr& address, std::source_location where) {
  Result<OwnedFd> socket = UnixMaker::open_connected(type, address);
  if (!socket) return Err(socket.error());
  return UnixMaker::make<Socket>(*std::move(socket), weft::internal::IoKind::kStream, where);
}

// Tries until there is room. Cancel safe: between two attempts there is no socket.
template <class Socket>
Task<Result<Socket>> connect_unix_with_backoff(int type, UnixSocketAddr address,
                                               ConnectBackoff backoff, std::source_location where) {
  std::chrono::nanoseconds delay = backoff.initial;
  for (;;) {
    Result<Socket> connected = connect_unix<Socket>(type, address, where);
    if (connected || !(connected.error() == std::errc::operation_would_block)) co_return connected;
    co_await time::sleep(std::min(delay, backoff.max));
    delay = std::min(2 * delay, backoff.max);
  }
}

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_UNIX_CONNECT_H_
