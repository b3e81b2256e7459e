// The example in net/ancillary/ipv4_pkt_info.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/ancillary/ipv4_pkt_info.h>

#include <netinet/in.h>
#include <optional>
#include <span>

#include <gtest/gtest.h>

namespace weft {
namespace {

// [example]
// What to answer from, on a socket that is bound to all addresses.
std::optional<net::Ipv4Addr> asked_at(const net::ControlMessage& message) {
  const auto info = net::Ipv4PktInfo::from(message);
  return info ? info->local : std::nullopt;
}
// [end]

TEST(DocExample, NetIpv4PktInfo) {
  ::in_pktinfo native{};
  native.ipi_spec_dst.s_addr = htonl(INADDR_LOOPBACK);
  const net::ControlMessage message(IPPROTO_IP, IP_PKTINFO, std::as_bytes(std::span(&native, 1)));
  EXPECT_EQ(asked_at(message), net::Ipv4Addr::localhost());
}

}  // namespace
}  // namespace weft
