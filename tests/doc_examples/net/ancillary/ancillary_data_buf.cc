// The example in net/ancillary/ancillary_data_buf.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/ancillary/ancillary_data_buf.h>

#include <cstddef>
#include <span>

#include <gtest/gtest.h>

#include <weft/net/ancillary/scm_credentials.h>

namespace weft {
namespace {

// [example]
net::AncillaryDataBuf greeting(std::span<const BorrowedFd> fds) {
  const net::ScmCredentials mine = net::ScmCredentials::current();
  net::AncillaryDataBuf made;
  made.add_control_message(mine.as_control_message()).value();
  made.add_file_descriptors(fds).value();
  return made;
}
// [end]

TEST(DocExample, NetAncillaryDataBuf) {
  net::AncillaryDataBuf made = greeting({});
  EXPECT_FALSE(made.control_messages().empty());
  const net::AncillaryData lease = made.lease();
  EXPECT_TRUE(made.control_messages().empty());
  EXPECT_FALSE(lease.control_messages().empty());
}

}  // namespace
}  // namespace weft
