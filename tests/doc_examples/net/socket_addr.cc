// The example in net/socket_addr.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/socket_addr.h>

#include <string>

#include <gtest/gtest.h>

#include <weft/base/result.h>

namespace weft {
namespace {

TEST(DocExample, NetSocketAddr) {
  // [example]
  net::SocketAddr address(net::Ipv4Addr::localhost(), 8080);
  std::string text = address.to_string();  // "127.0.0.1:8080"
  Result<net::SocketAddr> linked = net::SocketAddr::parse("[fe80::1%2]:80");
  std::string same = linked->to_string();  // "[fe80::1%2]:80"
  // [end]
  EXPECT_EQ(text, "127.0.0.1:8080");
  EXPECT_EQ(same, "[fe80::1%2]:80");
}

}  // namespace
}  // namespace weft
