// The example in net/ancillary/scm_security.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/ancillary/scm_security.h>

#include <span>
#include <string_view>
#include <sys/socket.h>

#include <gtest/gtest.h>

namespace weft {
namespace {

// [example]
bool is_trusted(const net::ControlMessage& message) {
  const auto sender = net::ScmSecurity::from(message);
  return sender && sender->label == "system_u:system_r:init_t:s0";
}
// [end]

TEST(DocExample, NetScmSecurity) {
  const std::string_view label = "system_u:system_r:init_t:s0";
  const net::ControlMessage message(SOL_SOCKET, net::kScmSecurity, std::as_bytes(std::span(label)));
  EXPECT_TRUE(is_trusted(message));
  EXPECT_FALSE(is_trusted(net::ControlMessage(SOL_SOCKET, net::kScmSecurity, {})));
}

}  // namespace
}  // namespace weft
