// The example in net/socket/socket_kind.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/socket/socket_kind.h>

#include <gtest/gtest.h>

#include <weft/net/socket/socket.h>

namespace weft {
namespace {

// [example]
// TCP over several paths where the system has it, else over one.
Result<net::Socket> stream_for(const net::SocketAddr& address) {
  const net::Domain domain = net::Domain::for_address(address);
  auto several = net::Socket::create(domain, net::Type::kStream, net::Protocol::kMptcp);
  return several ? std::move(several) : net::Socket::create(domain, net::Type::kStream);
}
// [end]

TEST(DocExample, NetSocketKind) {
  const auto socket = stream_for(net::SocketAddr(net::Ipv4Addr::localhost(), 80)).value();
  EXPECT_EQ(socket.domain().value(), net::Domain::kIpv4);
  EXPECT_EQ(socket.type().value(), net::Type::kStream);
}

}  // namespace
}  // namespace weft
