// Options of internet sockets, and of multicast.

#include <cstdint>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>
#include <tests/unit/net/socket_support.h>
#include <weft/net/socket/msg_hdr.h>
#include <weft/net/socket/socket.h>

namespace weft::net {
namespace {

using U32 = std::uint32_t;

constexpr Ipv4Addr kGroup(224, 0, 1, 1);
constexpr Ipv4Addr kAny = Ipv4Addr::unspecified();
constexpr U32 kLoopback = 1;  // lo is the first interface of every network namespace

// What it is on a machine without a network: no interface, or no route, to join on.
template <class T>
bool no_network(const Result<T>& result) {
  return !result && (result.error() == std::errc::no_such_device ||
                     result.error() == std::errc::network_unreachable);
}

TEST(S42, HeaderIncludedIsSetOnRawSockets) {
  const Result<Socket> four = Socket::create(Domain::kIpv4, Type::kRaw, Protocol::kIcmpv4);
  if (refused(four)) GTEST_SKIP() << refusal(four);
  EXPECT_FALSE(four->header_included_v4().value());
  expect_round_trip(*four, &Socket::header_included_v4, &Socket::set_header_included_v4, true);
  const Result<Socket> six = Socket::create(Domain::kIpv6, Type::kRaw, Protocol::kIcmpv6);
  if (refused(six)) GTEST_SKIP() << refusal(six);
  EXPECT_FALSE(six->header_included_v6().value());
  expect_round_trip(*six, &Socket::header_included_v6, &Socket::set_header_included_v6, true);
}

TEST(SX18, TransparentReadsBack) {
  expect_round_trip(tcp_socket(), &Socket::ip_transparent_v4, &Socket::set_ip_transparent_v4, true);
  expect_round_trip(tcp_socket(Domain::kIpv6), &Socket::ip_transparent_v6,
                    &Socket::set_ip_transparent_v6, true);
}

TEST(SX19, FreebindReadsBackAndBindsToAForeignAddress) {
  const Socket socket = tcp_socket();
  const SockAddr foreign = SocketAddr(Ipv4Addr(192, 0, 2, 1), 0);
  EXPECT_EQ(socket.bind(foreign).error(), std::errc::address_not_available);
  expect_round_trip(socket, &Socket::freebind_v4, &Socket::set_freebind_v4, true);
  EXPECT_TRUE(socket.bind(foreign));
  expect_round_trip(tcp_socket(Domain::kIpv6), &Socket::freebind_v6, &Socket::set_freebind_v6,
                    true);
}

TEST(SX20, BindAddressNoPortLeavesThePortToConnect) {
  const Socket socket = tcp_socket();
  expect_round_trip(socket, &Socket::bind_address_no_port, &Socket::set_bind_address_no_port, true);
  ASSERT_TRUE(socket.bind(any_port()));
  EXPECT_EQ(socket.local_addr()->as_socket()->port(), 0);
}

TEST(SX21, HopsAndClassesReadBack) {
  const Socket four = udp_socket();
  const Socket six = udp_socket(Domain::kIpv6);
  expect_round_trip(four, &Socket::ttl_v4, &Socket::set_ttl_v4, U32{40});
  expect_round_trip(four, &Socket::tos_v4, &Socket::set_tos_v4, U32{97});
  expect_round_trip(six, &Socket::unicast_hops_v6, &Socket::set_unicast_hops_v6, 20);
  expect_round_trip(six, &Socket::tclass_v6, &Socket::set_tclass_v6, U32{97});
}

TEST(SX21, ValuesOutOfRangeAreTheKernelsError) {
  const Socket socket = udp_socket();
  EXPECT_EQ(socket.set_ttl_v4(256).error(), std::errc::invalid_argument);
  EXPECT_EQ(socket.set_ttl_v4(0x8000'0000).error(), std::errc::invalid_argument);
  EXPECT_EQ(udp_socket(Domain::kIpv6).set_unicast_hops_v6(256).error(),
            std::errc::invalid_argument);
}

TEST(SX22, WhatADatagramBringsAlongReadsBack) {
  expect_round_trip(udp_socket(), &Socket::recv_tos_v4, &Socket::set_recv_tos_v4, true);
  const Socket six = udp_socket(Domain::kIpv6);
  expect_round_trip(six, &Socket::recv_tclass_v6, &Socket::set_recv_tclass_v6, true);
  expect_round_trip(six, &Socket::recv_hoplimit_v6, &Socket::set_recv_hoplimit_v6, true);
}

TEST(SX22, TheTosComesAsAControlMessage) {
  const Socket sender = bound_socket(Type::kDgram);
  const Socket receiver = bound_socket(Type::kDgram);
  ASSERT_TRUE(sender.set_tos_v4(96));
  ASSERT_TRUE(receiver.set_recv_tos_v4(true));
  EXPECT_EQ(sender.send_to("x", receiver.local_addr().value()).value(), 1u);
  alignas(::cmsghdr) std::byte control[64] = {};
  char room[4];
  io::IoSliceMut slices[] = {std::span<char>(room)};
  MsgHdrMut message;
  message.with_buffers(slices).with_control(control);
  EXPECT_EQ(receiver.recvmsg(message, 0).value(), 1u);
  const auto* const header = reinterpret_cast<const ::cmsghdr*>(control);
  ASSERT_GE(message.control_len(), CMSG_LEN(1));
  EXPECT_EQ(header->cmsg_type, IP_TOS);
  EXPECT_EQ(static_cast<int>(control[CMSG_LEN(0)]), 96);
}

TEST(SX23, PacketInformationReadsBack) {
  expect_round_trip(udp_socket(), &Socket::pktinfo_v4, &Socket::set_pktinfo_v4, true);
  expect_round_trip(udp_socket(Domain::kIpv6), &Socket::recv_pktinfo_v6,
                    &Socket::set_recv_pktinfo_v6, true);
}

TEST(SX24, OnlyV6ReadsBack) {
  const Socket socket = tcp_socket(Domain::kIpv6);
  const bool before = socket.only_v6().value();
  expect_round_trip(socket, &Socket::only_v6, &Socket::set_only_v6, !before);
}

TEST(S43, TheOriginalDestinationOfWhatWasNotRedirected) {
  const auto [client, server] = connected_sockets();
  const Result<SocketAddr> four = server.original_dst_v4();
  if (refused(four)) GTEST_SKIP() << refusal(four);
  EXPECT_EQ(four.error(), std::errc::no_such_file_or_directory);
  const Result<SocketAddr> six = connected_sockets(Domain::kIpv6).second.original_dst_v6();
  if (refused(six)) GTEST_SKIP() << refusal(six);
  EXPECT_EQ(six.error(), std::errc::no_such_file_or_directory);
}

TEST(SX25, TheV6OriginalDestinationOfAV4SocketIsNotSupported) {
  EXPECT_EQ(tcp_socket().original_dst_v6().error(), std::errc::operation_not_supported);
}

TEST(S40, AGroupIsJoinedAndLeft) {
  const Socket socket = udp_socket();
  EXPECT_EQ(socket.leave_multicast_v4_n(kGroup, kLoopback).error(),
            std::errc::address_not_available);
  EXPECT_TRUE(socket.join_multicast_v4_n(kGroup, kLoopback));
  EXPECT_EQ(socket.join_multicast_v4_n(kGroup, kLoopback).error(), std::errc::address_in_use);
  EXPECT_TRUE(socket.leave_multicast_v4_n(kGroup, kLoopback));
}

TEST(S40, TheSystemChoosesTheInterfaceOfIndexZero) {
  const Socket socket = udp_socket();
  const Result<void> joined = socket.join_multicast_v4_n(kGroup, U32{0});
  if (no_network(joined)) GTEST_SKIP() << refusal(joined);
  EXPECT_TRUE(joined);
  EXPECT_TRUE(socket.leave_multicast_v4_n(kGroup, U32{0}));
}

TEST(S41, ASourceOfAGroupIsJoinedAndLeft) {
  const Socket socket = udp_socket();
  const Ipv4Addr group(232, 123, 52, 36);
  const Ipv4Addr source(62, 40, 109, 31);
  const Ipv4Addr interface = Ipv4Addr::localhost();
  EXPECT_TRUE(socket.join_ssm_v4(source, group, interface));
  EXPECT_TRUE(socket.leave_ssm_v4(source, group, interface));
  EXPECT_FALSE(socket.leave_ssm_v4(source, group, interface));
}

TEST(SX27, AGroupIsJoinedByTheInterfacesAddress) {
  const Socket socket = udp_socket();
  const Ipv4Addr interface = Ipv4Addr::localhost();
  EXPECT_TRUE(socket.join_multicast_v4(kGroup, interface));
  EXPECT_TRUE(socket.leave_multicast_v4(kGroup, interface));
  EXPECT_EQ(socket.leave_multicast_v4(kGroup, interface).error(), std::errc::address_not_available);
  EXPECT_EQ(socket.join_multicast_v4(Ipv4Addr(1, 2, 3, 4), interface).error(),
            std::errc::invalid_argument);
}

TEST(SX28, IndexAndAddressNameTheSameInterface) {
  const Socket socket = udp_socket();
  EXPECT_TRUE(socket.join_multicast_v4_n(kGroup, Ipv4Addr::localhost()));
  EXPECT_TRUE(socket.leave_multicast_v4_n(kGroup, Ipv4Addr::localhost()));
  EXPECT_TRUE(socket.join_multicast_v4_n(kGroup, kLoopback));
  EXPECT_TRUE(socket.leave_multicast_v4(kGroup, Ipv4Addr::localhost()));
  EXPECT_EQ(socket.join_multicast_v4_n(kGroup, U32{0xffff'ffff}).error(),
            std::errc::no_such_device);
}

TEST(SX30, AnIpv6GroupIsJoinedAndLeft) {
  const Socket socket = udp_socket(Domain::kIpv6);
  const Ipv6Addr group = Ipv6Addr::parse("ff02::1234").value();
  EXPECT_TRUE(socket.join_multicast_v6(group, kLoopback));
  EXPECT_TRUE(socket.leave_multicast_v6(group, kLoopback));
  EXPECT_EQ(socket.leave_multicast_v6(group, kLoopback).error(), std::errc::address_not_available);
}

TEST(SX31, MulticastOptionsReadBack) {
  const Socket four = udp_socket();
  const Socket six = udp_socket(Domain::kIpv6);
  expect_round_trip(four, &Socket::multicast_if_v4, &Socket::set_multicast_if_v4,
                    Ipv4Addr::localhost());
  EXPECT_TRUE(four.set_multicast_if_v4(kAny));
  EXPECT_EQ(four.multicast_if_v4().value(), kAny);
  expect_round_trip(six, &Socket::multicast_if_v6, &Socket::set_multicast_if_v6, kLoopback);
  expect_round_trip(four, &Socket::multicast_loop_v4, &Socket::set_multicast_loop_v4, false);
  expect_round_trip(six, &Socket::multicast_loop_v6, &Socket::set_multicast_loop_v6, false);
  expect_round_trip(four, &Socket::multicast_ttl_v4, &Socket::set_multicast_ttl_v4, U32{40});
  expect_round_trip(six, &Socket::multicast_hops_v6, &Socket::set_multicast_hops_v6, U32{40});
}

TEST(SX32, MulticastAllReadsBackAndIsOnAtFirst) {
  expect_round_trip(udp_socket(), &Socket::multicast_all_v4, &Socket::set_multicast_all_v4, false);
  expect_round_trip(udp_socket(Domain::kIpv6), &Socket::multicast_all_v6,
                    &Socket::set_multicast_all_v6, false);
}

TEST(SX31, AGroupHearsWhatIsSentToItOverTheChosenInterface) {
  const Socket receiver = udp_socket();
  ASSERT_TRUE(receiver.bind(SocketAddr(kAny, 0)));
  ASSERT_TRUE(receiver.join_multicast_v4_n(kGroup, kLoopback));
  const Socket sender = udp_socket();
  ASSERT_TRUE(sender.set_multicast_if_v4(Ipv4Addr::localhost()));
  const std::uint16_t port = receiver.local_addr()->as_socket()->port();
  EXPECT_EQ(sender.send_to("group", SocketAddr(kGroup, port)).value(), 5u);
  EXPECT_EQ(received(receiver), "group");
}

}  // namespace
}  // namespace weft::net
