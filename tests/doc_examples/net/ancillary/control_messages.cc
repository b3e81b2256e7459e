// The example in net/ancillary/control_messages.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/ancillary/control_messages.h>

#include <cstddef>
#include <span>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include <weft/net/ancillary/ancillary_data.h>
#include <weft/net/ancillary/scm_credentials.h>

namespace weft {
namespace {

// [example]
bool is_from_root(net::ControlMessages messages) {
  for (const net::ControlMessage& message : messages) {
    const auto sender = net::ScmCredentials::from(message);
    if (sender && sender->uid == 0) return true;
  }
  return false;
}
// [end]

TEST(DocExample, NetControlMessages) {
  const net::ScmCredentials root{.pid = 1, .uid = 0, .gid = 0};
  std::byte storage[64];
  net::AncillaryData ancillary(storage);
  EXPECT_FALSE(is_from_root(ancillary.control_messages()));
  EXPECT_TRUE(ancillary.add_control_message(root.as_control_message()));
  EXPECT_TRUE(is_from_root(ancillary.control_messages()));
}

}  // namespace
}  // namespace weft
