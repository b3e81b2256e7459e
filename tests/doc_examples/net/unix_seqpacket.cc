// The example in net/unix_seqpacket.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/unix_seqpacket.h>

#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include <gtest/gtest.h>

#include <weft/base/result.h>
#include <weft/net/unix_seqpacket_listener.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

Task<> answer_one(net::UnixSeqpacketListener listener) {
  const auto accepted = (co_await listener.accept()).value();
  std::array<char, 16> room;
  EXPECT_EQ((co_await accepted.first.recv(room)).value(), 12U);
  EXPECT_TRUE(co_await accepted.first.send("fine"));
}

// [example]
Task<Result<std::size_t>> ask(net::UnixSocketAddr server, std::span<char> answer) {
  auto connection = co_await net::UnixSeqpacket::connect_addr(server);
  if (!connection) co_return Err(connection.error());
  const Result<std::size_t> sent = co_await connection->send("how are you?");
  if (!sent) co_return sent;
  co_return co_await connection->recv(answer);
}
// [end]

TEST(DocExample, NetUnixSeqpacket) {
  test::block_on([]() -> Task<> {
    auto listener = net::UnixSeqpacketListener::bind_addr(net::UnixSocketAddr::unnamed()).value();
    const net::UnixSocketAddr address = listener.local_addr().value();
    auto serving = spawn(answer_one(std::move(listener)));
    std::array<char, 16> answer;
    EXPECT_EQ((co_await ask(address, answer)).value(), 4U);
    EXPECT_TRUE(co_await serving);
  }());
}

}  // namespace
}  // namespace weft
