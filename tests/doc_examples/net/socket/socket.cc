// The example in net/socket/socket.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/socket/socket.h>

#include <gtest/gtest.h>

#include <weft/base/result.h>

namespace weft {
namespace {

// [example]
// A listener for IPv6 only, which two processes may have on the same port.
Result<net::Socket> listen_on(const net::SocketAddr& address) {
  auto socket = net::Socket::create(net::Domain::kIpv6, net::Type::kStream.nonblocking());
  if (!socket) return socket;
  for (const Result<void>& set : {socket->set_only_v6(true), socket->set_reuse_port(true),
                                  socket->bind(address), socket->listen(128)}) {
    if (!set) return Err(set.error());
  }
  return socket;
}
// [end]

TEST(DocExample, NetSocket) {
  const auto socket = listen_on(net::SocketAddr(net::Ipv6Addr::localhost(), 0)).value();
  EXPECT_TRUE(socket.is_listener().value());
  EXPECT_TRUE(socket.only_v6().value());
  EXPECT_TRUE(socket.nonblocking().value());
}

}  // namespace
}  // namespace weft
