// The example in net/ancillary/ancillary_data.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/ancillary/ancillary_data.h>

#include <array>
#include <cstddef>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <vector>

#include <gtest/gtest.h>

#include <weft/base/sys.h>
#include <weft/net/ancillary/message_fd.h>
#include <weft/net/ancillary/message_receiver.h>
#include <weft/net/ancillary/message_sender.h>

namespace weft {
namespace {

sys::Ends unix_pair() { return sys::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0).value(); }

// [example]
std::vector<OwnedFd> receive_fds(net::MessageFd socket, std::span<char> room) {
  std::array<std::byte, 256> storage;
  net::AncillaryData ancillary(storage);
  const auto got = net::MessageReceiver(socket, room).ancillary(ancillary).recv();
  std::vector<OwnedFd> fds;
  if (!got || got->second.control_data_truncated()) return fds;  // what came is closed
  for (OwnedFd fd : ancillary.received_fds()) fds.push_back(std::move(fd));
  return fds;
}
// [end]

TEST(DocExample, NetAncillaryData) {
  const sys::Ends ends = unix_pair();
  const OwnedFd event = sys::eventfd(0, EFD_CLOEXEC).value();
  std::array<std::byte, 64> storage;
  net::AncillaryData ancillary(storage);
  EXPECT_TRUE(ancillary.add_file_descriptors(std::array{event.borrow()}));
  net::MessageFd left(ends.first);
  EXPECT_TRUE(net::MessageSender(left, "x").ancillary(ancillary).send());
  std::array<char, 8> room;
  EXPECT_EQ(receive_fds(net::MessageFd(ends.second), room).size(), 1U);
}

}  // namespace
}  // namespace weft
