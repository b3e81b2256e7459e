// The example in net/socket/tcp_keepalive.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/socket/tcp_keepalive.h>

#include <chrono>

#include <gtest/gtest.h>

#include <weft/net/socket/socket.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

// [example]
// A peer that has been silent for 110 seconds is gone.
Result<void> notice_silence(const net::Socket& socket) {
  net::TcpKeepalive keepalive;
  keepalive.with_time(60s).with_interval(10s).with_retries(5);
  return socket.set_tcp_keepalive(keepalive);
}
// [end]

TEST(DocExample, NetTcpKeepalive) {
  const auto socket = net::Socket::create(net::Domain::kIpv4, net::Type::kStream).value();
  EXPECT_TRUE(notice_silence(socket));
  EXPECT_TRUE(socket.keepalive().value());
  EXPECT_EQ(socket.tcp_keepalive_time().value(), 60s);
}

}  // namespace
}  // namespace weft
