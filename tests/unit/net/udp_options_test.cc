// UdpSocket's options.

#include <array>
#include <cstddef>
#include <netinet/in.h>
#include <span>
#include <string_view>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include <tests/unit/net/net_support.h>
#include <weft/base/sys.h>
#include <weft/base/sys_table.h>

namespace weft::net {
namespace {

using test_support::current_thread;

std::string_view text_of(std::span<const char> room, std::size_t size) {
  return {room.data(), size};
}

TEST(NU1, OptionsReadBack) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    UdpSocket s = (co_await UdpSocket::bind(kAnyPort)).value();
    EXPECT_FALSE(s.broadcast().value());
    EXPECT_TRUE(s.set_broadcast(true));
    EXPECT_TRUE(s.broadcast().value());
    EXPECT_TRUE(s.multicast_loop_v4().value());
    EXPECT_TRUE(s.set_multicast_loop_v4(false));
    EXPECT_FALSE(s.multicast_loop_v4().value());
    EXPECT_EQ(s.multicast_ttl_v4().value(), 1u);
    EXPECT_TRUE(s.set_multicast_ttl_v4(40));
    EXPECT_EQ(s.multicast_ttl_v4().value(), 40u);
    EXPECT_TRUE(s.set_ttl(33));
    EXPECT_EQ(s.ttl().value(), 33u);
    EXPECT_EQ(s.tos_v4().value(), 0u);
    EXPECT_TRUE(s.set_tos_v4(96));
    EXPECT_EQ(s.tos_v4().value(), 96u);
    EXPECT_EQ(s.device().value(), std::nullopt);
    EXPECT_EQ(s.take_error().value(), std::nullopt);

    UdpSocket six = (co_await UdpSocket::bind("[::1]:0")).value();
    EXPECT_TRUE(six.multicast_loop_v6().value());
    EXPECT_TRUE(six.set_multicast_loop_v6(false));
    EXPECT_FALSE(six.multicast_loop_v6().value());
    EXPECT_EQ(six.tclass_v6().value(), 0u);
    EXPECT_TRUE(six.set_tclass_v6(96));
    EXPECT_EQ(six.tclass_v6().value(), 96u);
  }());
}

// Without a route for multicast the kernel refuses the group: the request is what is tested.
TEST(NU1, MulticastGroupsAreJoinedAndLeft) {
  struct Watching : sys::Table {
    mutable std::vector<std::pair<int, int>> options;
  } table;
  table.setsockopt = [](int, int level, int name, const void*, ::socklen_t) {
    static_cast<const Watching*>(sys::table())->options.emplace_back(level, name);
    return 0;
  };
  runtime::Runtime rt = current_thread();
  rt.block_on([](Watching& watching) -> Task<> {
    UdpSocket s = (co_await UdpSocket::bind(kAnyPort)).value();
    const Ipv4Addr four(239, 1, 2, 3);
    const Ipv6Addr six = Ipv6Addr::parse("ff02::1234").value();
    const sys::Table* const old = sys::set_table(&watching);
    EXPECT_TRUE(s.join_multicast_v4(four, Ipv4Addr::localhost()));
    EXPECT_TRUE(s.leave_multicast_v4(four, Ipv4Addr::localhost()));
    EXPECT_TRUE(s.join_multicast_v6(six, 1));
    EXPECT_TRUE(s.leave_multicast_v6(six, 1));
    EXPECT_TRUE(s.bind_device("lo"));
    sys::set_table(old);
  }(table));
  const std::vector<std::pair<int, int>> expected{{IPPROTO_IP, IP_ADD_MEMBERSHIP},
                                                  {IPPROTO_IP, IP_DROP_MEMBERSHIP},
                                                  {IPPROTO_IPV6, IPV6_JOIN_GROUP},
                                                  {IPPROTO_IPV6, IPV6_LEAVE_GROUP},
                                                  {SOL_SOCKET, SO_BINDTODEVICE}};
  EXPECT_EQ(table.options, expected);
}

TEST(NU1, AMulticastDatagramReachesTheGroupOverTheLoopback) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    UdpSocket s = (co_await UdpSocket::bind("0.0.0.0:0")).value();
    const Ipv4Addr group(239, 255, 43, 21);
    EXPECT_TRUE(s.join_multicast_v4(group, Ipv4Addr::localhost()));
    ::in_addr interface{};
    interface.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_TRUE(
        sys::setsockopt(s.as_fd(), IPPROTO_IP, IP_MULTICAST_IF, &interface, sizeof interface));
    EXPECT_TRUE(co_await s.send_to("group", SocketAddr(group, s.local_addr()->port())));
    std::array<char, 16> room;
    const Result<std::size_t> size = co_await s.recv(room);
    EXPECT_EQ(text_of(room, size.value()), "group");
    EXPECT_TRUE(s.leave_multicast_v4(group, Ipv4Addr::localhost()));
    EXPECT_EQ(s.leave_multicast_v4(group, Ipv4Addr::localhost()).error(),
              std::errc::address_not_available);
  }());
}

}  // namespace
}  // namespace weft::net
