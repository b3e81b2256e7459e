// The example in net/ancillary/send_fds.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/ancillary/send_fds.h>

#include <array>
#include <span>
#include <sys/eventfd.h>
#include <utility>

#include <gtest/gtest.h>

#include <weft/base/sys.h>
#include <weft/net/ancillary/recv_fds.h>
#include <weft/net/unix_stream.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<std::size_t>> hand_over(net::UnixStream& to, BorrowedFd file) {
  const std::array fds = {file};
  const Result<std::size_t> sent = co_await net::send_fds(to, "x", fds);
  co_return sent;
}
// [end]

Task<std::size_t> pass_one() {
  auto [left, right] = net::UnixStream::pair().value();
  const OwnedFd event = sys::eventfd(0, EFD_CLOEXEC).value();
  const Result<std::size_t> sent = co_await hand_over(left, event);
  EXPECT_TRUE(sent);
  std::array<char, 1> room;
  const auto got = co_await net::recv_fds<1>(right, std::span<char>(room));
  co_return got->count;
}

TEST(DocExample, NetSendFds) { EXPECT_EQ(test::block_on(pass_one()), 1U); }

}  // namespace
}  // namespace weft
