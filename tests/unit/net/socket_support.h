// What the tests of net::Socket have in common.

#ifndef WEFT_TESTS_UNIT_NET_SOCKET_SUPPORT_H_
#define WEFT_TESTS_UNIT_NET_SOCKET_SUPPORT_H_

#include <fcntl.h>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/refusal.h>
#include <weft/base/result.h>
#include <weft/net/socket/socket.h>
#include <weft/net/socket_addr.h>

namespace weft::net {

using test_support::refusal;
using test_support::refused;

inline Socket make_socket(Domain domain, Type type) { return Socket::create(domain, type).value(); }
inline Socket tcp_socket(Domain domain = Domain::kIpv4) {
  return make_socket(domain, Type::kStream);
}
inline Socket udp_socket(Domain domain = Domain::kIpv4) {
  return make_socket(domain, Type::kDgram);
}

// 127.0.0.1 or ::1 and a port of the system's choice.
inline SocketAddr any_port(Domain domain = Domain::kIpv4) {
  if (domain == Domain::kIpv6) return SocketAddr(Ipv6Addr::localhost(), 0);
  return SocketAddr(Ipv4Addr::localhost(), 0);
}

inline Socket bound_socket(Type type, Domain domain = Domain::kIpv4) {
  Socket socket = make_socket(domain, type);
  socket.bind(any_port(domain)).value();
  return socket;
}

inline Socket listening_socket(Domain domain = Domain::kIpv4) {
  Socket socket = bound_socket(Type::kStream, domain);
  socket.listen(8).value();
  return socket;
}

// Both ends of a TCP connection: who connected, who was accepted.
inline std::pair<Socket, Socket> connected_sockets(Domain domain = Domain::kIpv4) {
  const Socket listener = listening_socket(domain);
  Socket client = tcp_socket(domain);
  client.connect(listener.local_addr().value()).value();
  return {std::move(client), std::move(listener.accept().value().first)};
}

// A unix address that nobody else has: chosen by the system.
inline std::pair<Socket, SockAddr> bound_unix_socket(Type type) {
  Socket socket = make_socket(Domain::kUnix, type);
  SockAddrStorage storage;
  storage.view_as<::sockaddr>().sa_family = AF_UNIX;
  socket.bind(SockAddr(storage, sizeof(::sa_family_t))).value();  // an abstract name of its choice
  SockAddr address = socket.local_addr().value();
  return {std::move(socket), address};
}

inline bool is_cloexec(const Socket& socket) {
  return (::fcntl(socket.raw(), F_GETFD) & FD_CLOEXEC) != 0;
}

// Sets an option and reads it back; before, it was something else.
template <class Get, class Set, class Value>
void expect_round_trip(const Socket& socket, Get get, Set set, Value value, Value expected) {
  const auto before = std::invoke(get, socket);
  if (refused(before)) GTEST_SKIP() << refusal(before);
  ASSERT_TRUE(before) << before.error();
  EXPECT_NE(*before, expected) << "the test would not notice that nothing happens";
  const Result<void> done = std::invoke(set, socket, value);
  if (refused(done)) GTEST_SKIP() << refusal(done);
  ASSERT_TRUE(done) << done.error();
  const auto after = std::invoke(get, socket);
  ASSERT_TRUE(after) << after.error();
  EXPECT_EQ(*after, expected);
}
template <class Get, class Set, class Value>
void expect_round_trip(const Socket& socket, Get get, Set set, Value value) {
  expect_round_trip(socket, get, set, value, value);
}

// Receives with `get`, which fills a room of bytes; as text.
inline std::string received(const Socket& socket, int flags = 0) {
  char room[256];
  const std::size_t size = socket.recv_with_flags(std::span<char>(room), flags).value();
  return std::string(room, size);
}

}  // namespace weft::net

#endif  // WEFT_TESTS_UNIT_NET_SOCKET_SUPPORT_H_
