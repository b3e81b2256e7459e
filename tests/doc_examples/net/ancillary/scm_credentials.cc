// The example in net/ancillary/scm_credentials.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/ancillary/scm_credentials.h>

#include <cstddef>
#include <sys/types.h>

#include <gtest/gtest.h>

#include <weft/net/ancillary/ancillary_data.h>
#include <weft/net/ancillary/control_messages.h>

namespace weft {
namespace {

// [example]
// Zero is nobody: the message came without credentials.
::pid_t sender_of(net::ControlMessages messages) {
  for (const net::ControlMessage& message : messages) {
    if (const auto sender = net::ScmCredentials::from(message)) return sender->pid;
  }
  return 0;
}
// [end]

TEST(DocExample, NetScmCredentials) {
  const net::ScmCredentials mine = net::ScmCredentials::current();
  std::byte storage[64];
  net::AncillaryData ancillary(storage);
  EXPECT_EQ(sender_of(ancillary.control_messages()), 0);
  EXPECT_TRUE(ancillary.add_control_message(mine.as_control_message()));
  EXPECT_EQ(sender_of(ancillary.control_messages()), mine.pid);
}

}  // namespace
}  // namespace weft
