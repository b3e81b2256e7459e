// The example in net/ip_addr.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/ip_addr.h>

#include <string>

#include <gtest/gtest.h>

#include <weft/base/result.h>

namespace weft {
namespace {

TEST(DocExample, NetIpAddr) {
  // [example]
  Result<net::IpAddr> address = net::IpAddr::parse("2001:db8:0:0:0:0:0:1");
  std::string shortest = address->to_string();                // "2001:db8::1"
  bool is_ours = net::Ipv4Addr(127, 0, 0, 1).is_loopback();   // true
  bool is_strict = !net::IpAddr::parse("127.1").has_value();  // true: all four parts, in decimal
  // [end]
  EXPECT_EQ(shortest, "2001:db8::1");
  EXPECT_TRUE(is_ours && is_strict);
}

}  // namespace
}  // namespace weft
