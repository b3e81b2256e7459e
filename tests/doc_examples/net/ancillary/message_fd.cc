// The example in net/ancillary/message_fd.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/ancillary/message_fd.h>

#include <array>
#include <span>
#include <string_view>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include <weft/base/sys.h>
#include <weft/io/io_slice.h>
#include <weft/net/ancillary/ancillary_data.h>

namespace weft {
namespace {

sys::Ends unix_pair() { return sys::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0).value(); }

// [example]
Result<std::size_t> send_both(BorrowedFd to, std::string_view head, std::string_view body) {
  const std::array<io::IoSlice, 2> slices = {head, body};
  net::AncillaryData none{std::span<std::byte>()};
  return net::MessageFd(to).send_message(slices, none);
}
// [end]

TEST(DocExample, NetMessageFd) {
  const sys::Ends ends = unix_pair();
  EXPECT_EQ(send_both(ends.first, "a", "bc").value(), 3U);
}

}  // namespace
}  // namespace weft
