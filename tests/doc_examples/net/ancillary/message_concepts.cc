// The example in net/ancillary/message_concepts.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/ancillary/message_concepts.h>

#include <array>
#include <span>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <utility>

#include <gtest/gtest.h>

#include <weft/base/sys.h>
#include <weft/net/ancillary/message_fd.h>
#include <weft/net/ancillary/recv_fds.h>
#include <weft/net/ancillary/send_fds.h>

namespace weft {
namespace {

sys::Ends unix_pair() { return sys::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0).value(); }

// [example]
// A socket type of your own: records what was sent over it, and passes descriptors.
class CountingSocket {
 public:
  explicit CountingSocket(OwnedFd fd) : fd_(std::move(fd)) {}

  Result<std::size_t> send_message(std::span<const io::IoSlice> data, net::AncillaryData& with,
                                   net::SendOptions options) {
    ++messages_;
    return net::MessageFd(fd_).send_message(data, with, options);
  }
  BorrowedFd as_fd() const { return fd_.borrow(); }
  int messages() const { return messages_; }

 private:
  OwnedFd fd_;
  int messages_ = 0;
};
static_assert(net::SendsFds<CountingSocket>);
// [end]

TEST(DocExample, NetMessageConcepts) {
  sys::Ends ends = unix_pair();
  CountingSocket socket(std::move(ends.first));
  const OwnedFd event = sys::eventfd(0, EFD_CLOEXEC).value();
  EXPECT_TRUE(net::send_fds(socket, "x", std::array{event.borrow()}));
  EXPECT_EQ(socket.messages(), 1);
  std::array<char, 1> room;
  net::MessageFd receiver(ends.second);
  EXPECT_EQ(net::recv_fds<1>(receiver, std::span<char>(room))->count, 1U);
}

}  // namespace
}  // namespace weft
