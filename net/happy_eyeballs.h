// connect_happy_eyeballs: connects to whichever of several addresses answers first.
//
// Spec: net.md C-1 (the core tries one after the other), N-71; RFC 8305.
//
// TcpStream::connect() tries the next address when one has failed; but an address that nobody
// answers fails after minutes. Here the next attempt begins a little later than the one before,
// whether that has ended or not, and IPv6 and IPv4 take turns; the first connection wins, the other
// attempts are given up.
//
//   // Connects to a service that may be reachable by one family of addresses only.
//   Task<Result<net::TcpStream>> reach(std::vector<net::SocketAddr> addresses) {
//     co_return co_await net::connect_happy_eyeballs(std::move(addresses), 100ms);
//   }

#ifndef WEFT_NET_HAPPY_EYEBALLS_H_
#define WEFT_NET_HAPPY_EYEBALLS_H_

#include <chrono>
#include <source_location>

#include <weft/base/result.h>
#include <weft/net/tcp_stream.h>
#include <weft/net/to_socket_addrs.h>
#include <weft/runtime/task.h>

namespace weft::net {

// An attempt begins `delay` after the one before, or at once when one has failed. Yields the first
// connection, or the error of the attempt that failed last; invalid_argument if there are no
// addresses. Destroying the task gives all attempts up. Spawns a task for each attempt; fatal
// without a runtime that has I/O, and, for more than one address, timers.
Task<Result<TcpStream>> connect_happy_eyeballs(
    ToSocketAddrs to, std::chrono::nanoseconds delay = std::chrono::milliseconds(250),
    std::source_location where = std::source_location::current());

}  // namespace weft::net

#endif  // WEFT_NET_HAPPY_EYEBALLS_H_
