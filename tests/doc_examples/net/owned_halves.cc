// The example in net/owned_halves.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/owned_halves.h>

#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include <gtest/gtest.h>

#include <weft/base/error.h>
#include <weft/base/result.h>
#include <weft/net/unix_owned_halves.h>
#include <weft/net/unix_stream.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

Task<> send_everything(net::UnixOwnedWriteHalf writer) {
  const Result<void> written = co_await writer.write_all("everything");
  EXPECT_TRUE(written);
}

// [example]
// Sends from a task of its own; when that has ended, the peer has read to the end.
Task<Result<std::size_t>> talk(net::UnixStream stream, std::span<char> answer) {
  auto [reader, writer] = std::move(stream).into_split();
  auto sending = spawn(send_everything(std::move(writer)));
  const Result<std::size_t> read = co_await reader.read_exact(answer);
  const auto sent = co_await sending;
  if (!sent) co_return Err(Errc::cancelled);
  co_return read;
}
// [end]

TEST(DocExample, NetOwnedHalves) {
  const auto size = test::block_on([]() -> Task<std::size_t> {
    auto [near, far] = net::UnixStream::pair().value();
    const auto written = co_await far.write_all("done");
    EXPECT_TRUE(written);
    std::array<char, 4> answer;
    const std::size_t read = (co_await talk(std::move(near), answer)).value();
    std::array<char, 16> room;
    EXPECT_EQ((co_await far.read(room)).value(), 10U);
    EXPECT_EQ((co_await far.read(room)).value(), 0U);
    co_return read;
  }());
  EXPECT_EQ(size, 4U);
}

}  // namespace
}  // namespace weft
