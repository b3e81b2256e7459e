// The example in net/socket/sock_ref.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/socket/sock_ref.h>

#include <chrono>

#include <gtest/gtest.h>

#include <weft/base/fd.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

// [example]
// On anything that has as_fd(): TcpStream, UdpSocket, ...
template <class Socket>
Result<void> give_up_after_half_a_minute(const Socket& socket) {
  return net::SockRef(socket)->set_tcp_user_timeout(30s);
}
// [end]

TEST(DocExample, NetSockRef) {
  const auto socket = net::Socket::create(net::Domain::kIpv4, net::Type::kStream).value();
  EXPECT_TRUE(give_up_after_half_a_minute(socket));
  EXPECT_EQ(socket.tcp_user_timeout().value(), 30s);
}

}  // namespace
}  // namespace weft
