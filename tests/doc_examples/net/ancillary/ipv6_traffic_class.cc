// The example in net/ancillary/ipv6_traffic_class.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/ancillary/ipv6_traffic_class.h>

#include <cstddef>
#include <cstdint>
#include <netinet/in.h>
#include <span>

#include <gtest/gtest.h>

namespace weft {
namespace {

// [example]
// The class of service that was asked for; 0 if it is not known.
int service_of(const net::ControlMessage& message) {
  const auto traffic = net::Ipv6TrafficClass::from(message);
  return traffic ? traffic->value >> 2 : 0;
}
// [end]

TEST(DocExample, NetIpv6TrafficClass) {
  const int expedited = 46 << 2;
  const net::ControlMessage message(IPPROTO_IPV6, IPV6_TCLASS,
                                    std::as_bytes(std::span(&expedited, 1)));
  EXPECT_EQ(service_of(message), 46);
}

}  // namespace
}  // namespace weft
