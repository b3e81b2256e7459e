// The example in net/socket/msg_hdr.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/socket/msg_hdr.h>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <weft/net/socket/socket.h>

namespace weft {
namespace {

// [example]
// A header and a body as one datagram, without copying them together.
Result<std::size_t> send_both(const net::Socket& socket, std::string_view head,
                              std::string_view body, const net::SockAddr& to) {
  const std::array slices{io::IoSlice(head), io::IoSlice(body)};
  net::MsgHdr message;
  message.with_addr(to).with_buffers(slices);
  return socket.sendmsg(message, 0);
}

// Whether all of the datagram was received; who sent it is in `sender`.
Result<bool> receive_whole_datagram(const net::Socket& socket, std::span<char> room,
                                    net::SockAddr& sender) {
  std::array slices{io::IoSliceMut(room)};
  net::MsgHdrMut message;
  message.with_addr(sender).with_buffers(std::span<io::IoSliceMut>(slices));
  const Result<std::size_t> size = socket.recvmsg(message, 0);
  if (!size) return Err(size.error());
  return !message.flags().is_truncated();
}
// [end]

TEST(DocExample, NetMsgHdr) {
  const auto socket = net::Socket::create(net::Domain::kIpv4, net::Type::kDgram).value();
  ASSERT_TRUE(socket.bind(net::SocketAddr(net::Ipv4Addr::localhost(), 0)));
  const net::SockAddr self = socket.local_addr().value();
  EXPECT_EQ(send_both(socket, "head", "body", self).value(), 8U);
  std::string room(8, ' ');
  net::SockAddr from;
  EXPECT_TRUE(receive_whole_datagram(socket, room, from).value());
  EXPECT_EQ(room, "headbody");
  EXPECT_EQ(from, self);
}

}  // namespace
}  // namespace weft
