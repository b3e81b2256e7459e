// The example in net/udp_socket.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/udp_socket.h>

#include <array>
#include <cstddef>
#include <string_view>

#include <gtest/gtest.h>

#include <weft/base/result.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// Sends the next datagram back to whoever sent it.
Task<Result<std::size_t>> echo_one(const net::UdpSocket& socket) {
  std::array<char, 1500> room;
  const auto received = co_await socket.recv_from(room);
  if (!received) co_return Err(received.error());
  const auto& [size, sender] = *received;
  co_return co_await socket.send_to(std::string_view(room.data(), size), sender);
}
// [end]

TEST(DocExample, NetUdpSocket) {
  test::block_on([]() -> Task<> {
    const auto server = (co_await net::UdpSocket::bind("127.0.0.1:0")).value();
    const auto client = (co_await net::UdpSocket::bind("127.0.0.1:0")).value();
    EXPECT_TRUE(co_await client.send_to("ping", server.local_addr().value()));
    EXPECT_EQ((co_await echo_one(server)).value(), 4U);
    std::array<char, 8> room;
    EXPECT_EQ((co_await client.recv(room)).value(), 4U);
  }());
}

}  // namespace
}  // namespace weft
