// The example in net/udp_framed.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/udp_framed.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <weft/base/error.h>
#include <weft/base/result.h>
#include <weft/io/codec/lines_codec.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// Answers each line of a datagram with a datagram.
Task<Result<void>> echo(std::shared_ptr<net::UdpSocket> socket) {
  net::UdpFramed lines(std::move(socket), io::codec::LinesCodec());
  while (auto received = co_await lines.next()) {
    if (!*received) co_return Err(received->error());
    auto& [line, sender] = **received;
    const Result<void> sent = co_await lines.send(std::move(line), sender);
    if (!sent) co_return sent;
  }
  co_return Result<void>();
}
// [end]

TEST(DocExample, NetUdpFramed) {
  test::block_on([]() -> Task<> {
    auto server =
        std::make_shared<net::UdpSocket>((co_await net::UdpSocket::bind("127.0.0.1:0")).value());
    auto running = spawn(echo(server));
    const auto client = (co_await net::UdpSocket::bind("127.0.0.1:0")).value();
    EXPECT_TRUE(co_await client.send_to("one\ntwo", server->local_addr().value()));
    std::array<char, 8> room;
    for (const std::string_view line : {"one\n", "two\n"}) {
      const std::size_t size = (co_await client.recv(room)).value();
      EXPECT_EQ(std::string_view(room.data(), size), line);
    }
    EXPECT_TRUE(server->close());
    EXPECT_EQ((co_await running).value().error(), Errc::closed);
  }());
}

}  // namespace
}  // namespace weft
