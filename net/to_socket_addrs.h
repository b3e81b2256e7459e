// ToSocketAddrs: where to connect or bind to, in whatever form the caller has it.
//
// Spec: net.md C-1, L-1, U-1, N-1.
//
// The parameter type of TcpListener::bind, TcpStream::connect and their like, made implicitly from
//  - a SocketAddr, or several: used as they are, in order
//  - "127.0.0.1:80", "[::1]:80": addresses as text
//  - "localhost:80", {"localhost", 80}: a name, which is looked up
//  - {IpAddr, 80}
// It owns what it was made from.
//
//   Task<Result<std::vector<net::SocketAddr>>> everything_local() {
//     auto addresses = co_await net::lookup_host("localhost:80");  // by name: perhaps several
//     if (!addresses) co_return addresses;
//     const auto literal = co_await net::lookup_host("[::1]:80");  // asks nobody
//     if (literal) addresses->push_back(literal->front());
//     co_return addresses;
//   }

#ifndef WEFT_NET_TO_SOCKET_ADDRS_H_
#define WEFT_NET_TO_SOCKET_ADDRS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <weft/base/result.h>
#include <weft/net/ip_addr.h>
#include <weft/net/socket_addr.h>
#include <weft/runtime/task.h>

namespace weft::net {

class ToSocketAddrs {
 public:
  ToSocketAddrs(SocketAddr address)  // NOLINT(google-explicit-constructor)
      : from_(address) {}
  ToSocketAddrs(std::vector<SocketAddr> addresses)  // NOLINT(google-explicit-constructor)
      : from_(std::move(addresses)) {}
  ToSocketAddrs(std::string_view text)  // NOLINT(google-explicit-constructor)
      : from_(Text{std::string(text)}) {}
  ToSocketAddrs(const std::string& text)  // NOLINT(google-explicit-constructor)
      : ToSocketAddrs(std::string_view(text)) {}
  ToSocketAddrs(const char* text)  // NOLINT(google-explicit-constructor)
      : ToSocketAddrs(std::string_view(text)) {}
  ToSocketAddrs(IpAddr ip, std::uint16_t port) : from_(SocketAddr(ip, port)) {}
  ToSocketAddrs(std::string_view host, std::uint16_t port)
      : from_(HostAndPort{std::string(host), port}) {}

  // All addresses, in order; perhaps none. Fails with invalid_argument if text has no port or not
  // this form, and as lookup_host() does. Completes at once if there is no name to be looked up.
  // Cancel safe.
  Task<Result<std::vector<SocketAddr>>> resolve() &&;

 private:
  struct Text {
    std::string text;
  };
  struct HostAndPort {
    std::string host;
    std::uint16_t port;
  };

  std::variant<SocketAddr, std::vector<SocketAddr>, Text, HostAndPort> from_;
};

// Looks up what `what` names: see above. Names take getaddrinfo(3) on the blocking pool of the
// current runtime, or with the build option WEFT_CARES c-ares on its I/O and timers; outside of a
// runtime that is a check failure. Destroying the task abandons the lookup: getaddrinfo(3) runs to
// its end by itself, c-ares closes its sockets. Fails with Errc::other if the name is unknown, with
// Errc::cancelled or runtime_shutdown if the runtime is shutting down, and c-ares with timed_out or
// connection_refused if no name server answers.
Task<Result<std::vector<SocketAddr>>> lookup_host(ToSocketAddrs what);
inline Task<Result<std::vector<SocketAddr>>> lookup_host(std::string_view host,
                                                         std::uint16_t port) {
  return lookup_host(ToSocketAddrs(host, port));
}

}  // namespace weft::net

#endif  // WEFT_NET_TO_SOCKET_ADDRS_H_
