// The example in net/borrowed_halves.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/borrowed_halves.h>

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include <gtest/gtest.h>

#include <weft/base/result.h>
#include <weft/net/tcp_split.h>
#include <weft/net/tcp_stream.h>
#include <weft/net/unix_split.h>
#include <weft/net/unix_stream.h>
#include <weft/runtime/join.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// Sends a question while it receives, so that neither side waits for the other's buffer.
Task<Result<std::size_t>> exchange(net::UnixStream& stream, std::string_view out,
                                   std::span<char> in) {
  auto [reader, writer] = stream.split();
  const auto [read, written] = co_await join(reader.read_exact(in), writer.write_all(out));
  if (!written) co_return Err(written.error());
  co_return read;
}
// [end]

TEST(DocExample, NetBorrowedHalves) {
  const auto size = test::block_on([]() -> Task<std::size_t> {
    auto [near, far] = net::UnixStream::pair().value();
    std::array<char, 5> room;
    const auto sent = co_await far.write_all("world");
    EXPECT_TRUE(sent);
    co_return (co_await exchange(near, "hello", room)).value();
  }());
  EXPECT_EQ(size, 5U);
}

}  // namespace
}  // namespace weft
