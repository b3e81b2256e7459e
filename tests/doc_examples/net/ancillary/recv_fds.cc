// The example in net/ancillary/recv_fds.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/ancillary/recv_fds.h>

#include <array>
#include <span>
#include <sys/eventfd.h>
#include <utility>

#include <gtest/gtest.h>

#include <weft/base/sys.h>
#include <weft/net/ancillary/send_fds.h>
#include <weft/net/unix_stream.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<OwnedFd>> next_file(net::UnixStream& from) {
  std::array<char, 1> marker;
  auto got = co_await net::recv_fds<1>(from, std::span<char>(marker));
  if (!got) co_return Err(got.error().error());
  if (got->bytes == 0) co_return Err(Errc::unexpected_eof);
  if (got->count == 0) co_return Err(Errc::invalid_data);
  co_return std::move(got->fds[0]);
}
// [end]

Task<bool> take_one() {
  auto [left, right] = net::UnixStream::pair().value();
  const OwnedFd event = sys::eventfd(0, EFD_CLOEXEC).value();
  const std::array fds = {event.borrow()};
  const Result<std::size_t> sent = co_await net::send_fds(left, "x", fds);
  EXPECT_TRUE(sent);
  const Result<OwnedFd> file = co_await next_file(right);
  EXPECT_TRUE(left.close());
  const Result<OwnedFd> end = co_await next_file(right);
  co_return file.has_value() && end.error() == Errc::unexpected_eof;
}

TEST(DocExample, NetRecvFds) { EXPECT_TRUE(test::block_on(take_one())); }

}  // namespace
}  // namespace weft
