// The example in net/ancillary/ipv4_tos.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/ancillary/ipv4_tos.h>

#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>

#include <weft/net/ancillary/ancillary_data.h>

namespace weft {
namespace {

// [example]
// Routers say so when they would rather drop packets.
bool is_congested(const net::ControlMessage& message) {
  const auto tos = net::Ipv4Tos::from(message);
  return tos && (tos->value & 3) == 3;
}
// [end]

TEST(DocExample, NetIpv4Tos) {
  const net::Ipv4Tos congested{3};
  EXPECT_TRUE(is_congested(congested.as_control_message()));
  const net::Ipv4Tos other{0};
  EXPECT_FALSE(is_congested(other.as_control_message()));
}

}  // namespace
}  // namespace weft
