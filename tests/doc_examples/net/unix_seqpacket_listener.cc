// The example in net/unix_seqpacket_listener.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/unix_seqpacket_listener.h>

#include <array>
#include <cstddef>
#include <string_view>

#include <gtest/gtest.h>

#include <weft/base/result.h>
#include <weft/net/accept_backoff.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<std::size_t>> echo_one(const net::UnixSeqpacketListener& listener) {
  auto accepted = co_await net::accept_with_backoff(listener);
  if (!accepted) co_return Err(accepted.error());
  auto& [connection, client] = *accepted;
  std::array<char, 64> room;
  const Result<std::size_t> size = co_await connection.recv(room);
  if (!size) co_return size;
  co_return co_await connection.send(std::string_view(room.data(), *size));
}
// [end]

TEST(DocExample, NetUnixSeqpacketListener) {
  test::block_on([]() -> Task<> {
    auto listener = net::UnixSeqpacketListener::bind_addr(net::UnixSocketAddr::unnamed()).value();
    const net::UnixSocketAddr address = listener.local_addr().value();
    const auto client = (co_await net::UnixSeqpacket::connect_addr(address)).value();
    EXPECT_TRUE(co_await client.send("hello"));
    EXPECT_EQ((co_await echo_one(listener)).value(), 5U);
    std::array<char, 8> room;
    EXPECT_EQ((co_await client.recv(room)).value(), 5U);
  }());
}

}  // namespace
}  // namespace weft
