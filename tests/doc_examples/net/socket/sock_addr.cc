// The example in net/socket/sock_addr.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/socket/sock_addr.h>

#include <string>

#include <gtest/gtest.h>

#include <weft/base/result.h>

namespace weft {
namespace {

// [example]
std::string describe(const net::SockAddr& address) {
  if (const auto inet = address.as_socket()) return "port " + std::to_string(inet->port());
  if (const auto path = address.as_pathname()) return "file " + std::string(*path);
  if (address.is_unnamed()) return "nobody";
  return "something of " + address.domain().to_string();
}
// [end]

TEST(DocExample, NetSockAddr) {
  EXPECT_EQ(describe(net::SocketAddr(net::Ipv4Addr::localhost(), 80)), "port 80");
  EXPECT_EQ(describe(net::SockAddr::from_unix("/run/x").value()), "file /run/x");
  EXPECT_EQ(describe(net::UnixSocketAddr::unnamed()), "nobody");
  EXPECT_EQ(describe(net::SockAddr::vsock(1, 2)), "something of AF_VSOCK");
}

}  // namespace
}  // namespace weft
