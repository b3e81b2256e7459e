// The example in net/ancillary/message_sender.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/ancillary/message_sender.h>

#include <array>
#include <cstddef>
#include <netinet/in.h>
#include <span>
#include <utility>

#include <gtest/gtest.h>

#include <weft/net/ancillary/ipv4_tos.h>
#include <weft/net/udp_socket.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// One datagram that routers should hurry with.
Task<Result<std::size_t>> send_urgent(net::UdpSocket& socket, net::SocketAddr to) {
  const net::Ipv4Tos low_delay{0x10};
  std::array<std::byte, 32> storage;
  net::AncillaryData ancillary(storage);
  ancillary.add_control_message(low_delay.as_control_message()).value();
  Result<std::size_t> sent =
      co_await net::MessageSender(socket, "now").ancillary(ancillary).send_to(to);
  co_return sent;
}
// [end]

Task<std::size_t> send_one() {
  net::UdpSocket socket = (co_await net::UdpSocket::bind("127.0.0.1:0")).value();
  const Result<std::size_t> sent = co_await send_urgent(socket, socket.local_addr().value());
  co_return sent.value();
}

TEST(DocExample, NetMessageSender) { EXPECT_EQ(test::block_on(send_one()), 3U); }

}  // namespace
}  // namespace weft
