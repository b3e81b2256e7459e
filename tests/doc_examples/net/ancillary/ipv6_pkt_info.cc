// The example in net/ancillary/ipv6_pkt_info.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/ancillary/ipv6_pkt_info.h>

#include <cstdint>
#include <netinet/in.h>
#include <span>

#include <gtest/gtest.h>

namespace weft {
namespace {

// [example]
bool came_by(const net::ControlMessage& message, std::uint32_t interface_index) {
  const auto info = net::Ipv6PktInfo::from(message);
  return info && info->index == interface_index;
}
// [end]

TEST(DocExample, NetIpv6PktInfo) {
  ::in6_pktinfo native{};
  native.ipi6_ifindex = 7;
  const net::ControlMessage message(IPPROTO_IPV6, IPV6_PKTINFO,
                                    std::as_bytes(std::span(&native, 1)));
  EXPECT_TRUE(came_by(message, 7));
  EXPECT_FALSE(came_by(message, 8));
}

}  // namespace
}  // namespace weft
