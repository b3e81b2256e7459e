// The example in net/socket/sock_addr_storage.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/socket/sock_addr_storage.h>

#include <linux/if_packet.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include <weft/net/socket/sock_addr.h>

namespace weft {
namespace {

// [example]
// An address of a family that net::SockAddr does not know by name.
net::SockAddr packet_address(int interface) {
  net::SockAddrStorage storage;
  auto& address = storage.view_as<::sockaddr_ll>();
  address.sll_family = AF_PACKET;
  address.sll_ifindex = interface;
  return net::SockAddr(storage, sizeof address);
}
// [end]

TEST(DocExample, NetSockAddrStorage) {
  const net::SockAddr address = packet_address(1);
  EXPECT_EQ(address.domain(), net::Domain::kPacket);
  EXPECT_EQ(address.size(), sizeof(::sockaddr_ll));
}

}  // namespace
}  // namespace weft
