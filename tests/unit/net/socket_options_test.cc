// Options that every kind of socket has (SOL_SOCKET).

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <linux/filter.h>
#include <linux/net_tstamp.h>

#include <gtest/gtest.h>
#include <tests/unit/net/socket_support.h>
#include <weft/net/socket/socket.h>

namespace weft::net {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;
using std::chrono::seconds;

// All simple options, on both kinds of internet sockets, in one place: as socket2 tests them.
TEST(S39, SimpleOptionsReadBackOnBothKindsOfStreams) {
  for (const Domain domain : {Domain::kIpv4, Domain::kIpv6}) {
    SCOPED_TRACE(domain);
    const Socket s = tcp_socket(domain);
    using U32 = std::uint32_t;
    const auto set_timeout = [](const Socket& socket, Socket::Timeout value) {
      return socket.set_read_timeout(value);
    };
    expect_round_trip(s, &Socket::tcp_nodelay, &Socket::set_tcp_nodelay, true);
    expect_round_trip(s, &Socket::recv_buffer_size, &Socket::set_recv_buffer_size,
                      std::size_t{4096}, std::size_t{8192});
    expect_round_trip(s, &Socket::send_buffer_size, &Socket::set_send_buffer_size,
                      std::size_t{4096}, std::size_t{8192});
    expect_round_trip(s, &Socket::out_of_band_inline, &Socket::set_out_of_band_inline, true);
    expect_round_trip(s, &Socket::reuse_address, &Socket::set_reuse_address, true);
    expect_round_trip(s, &Socket::reuse_port, &Socket::set_reuse_port, true);
    expect_round_trip(s, &Socket::tcp_cork, &Socket::set_tcp_cork, true);
    expect_round_trip(s, &Socket::tcp_quickack, &Socket::set_tcp_quickack, false);
    expect_round_trip(s, &Socket::tcp_thin_linear_timeouts, &Socket::set_tcp_thin_linear_timeouts,
                      true);
    expect_round_trip(s, &Socket::tcp_notsent_lowat, &Socket::set_tcp_notsent_lowat, U32{16384});
    expect_round_trip(s, &Socket::linger, &Socket::set_linger, std::optional<seconds>(10s));
    expect_round_trip(s, &Socket::read_timeout, set_timeout, Socket::Timeout(10s));
    expect_round_trip(s, &Socket::keepalive, &Socket::set_keepalive, true);
    expect_round_trip(s, &Socket::broadcast, &Socket::set_broadcast, true);
    expect_round_trip(s, &Socket::tcp_user_timeout, &Socket::set_tcp_user_timeout,
                      std::optional<std::chrono::milliseconds>(10s));
    if (domain == Domain::kIpv4) {
      expect_round_trip(s, &Socket::freebind_v4, &Socket::set_freebind_v4, true);
      expect_round_trip(s, &Socket::ttl_v4, &Socket::set_ttl_v4, U32{40});
      expect_round_trip(s, &Socket::tos_v4, &Socket::set_tos_v4, U32{96});
      expect_round_trip(s, &Socket::recv_tos_v4, &Socket::set_recv_tos_v4, true);
      expect_round_trip(s, &Socket::multicast_all_v4, &Socket::set_multicast_all_v4, false);
      continue;
    }
    expect_round_trip(s, &Socket::freebind_v6, &Socket::set_freebind_v6, true);
    expect_round_trip(s, &Socket::unicast_hops_v6, &Socket::set_unicast_hops_v6, 20);
    expect_round_trip(s, &Socket::only_v6, &Socket::set_only_v6, true);
    expect_round_trip(s, &Socket::tclass_v6, &Socket::set_tclass_v6, U32{96});
    expect_round_trip(s, &Socket::recv_tclass_v6, &Socket::set_recv_tclass_v6, true);
    expect_round_trip(s, &Socket::recv_hoplimit_v6, &Socket::set_recv_hoplimit_v6, true);
    expect_round_trip(s, &Socket::multicast_all_v6, &Socket::set_multicast_all_v6, false);
  }
}

TEST(SX1, BroadcastReadsBack) {
  expect_round_trip(udp_socket(), &Socket::broadcast, &Socket::set_broadcast, true);
}

TEST(SX2, KeepaliveReadsBack) {
  expect_round_trip(tcp_socket(), &Socket::keepalive, &Socket::set_keepalive, true);
}

TEST(SX3, LingerIsOffOrASecondCount) {
  const Socket socket = tcp_socket();
  EXPECT_EQ(socket.linger().value(), std::nullopt);
  for (const auto value : {std::optional(0s), std::optional(10s), std::optional<seconds>()}) {
    EXPECT_TRUE(socket.set_linger(value));
    EXPECT_EQ(socket.linger().value(), value);
  }
  EXPECT_EQ(socket.set_linger(-1s).error(), std::errc::invalid_argument);
}

TEST(SX4, OutOfBandInlineReadsBackAndKeepsTheByteInTheStream) {
  const auto [client, server] = connected_sockets();
  expect_round_trip(server, &Socket::out_of_band_inline, &Socket::set_out_of_band_inline, true);
  EXPECT_EQ(client.send_out_of_band("!").value(), 1u);
  EXPECT_EQ(received(server), "!");
}

TEST(SX5, AddressesAndPortsCanBeReused) {
  const Socket one = tcp_socket();
  const Socket two = tcp_socket();
  for (const Socket* socket : {&one, &two}) {
    expect_round_trip(*socket, &Socket::reuse_address, &Socket::set_reuse_address, true);
    expect_round_trip(*socket, &Socket::reuse_port, &Socket::set_reuse_port, true);
  }
  ASSERT_TRUE(one.bind(any_port()));
  ASSERT_TRUE(one.listen(1));
  ASSERT_TRUE(two.bind(one.local_addr().value()));
  EXPECT_TRUE(two.listen(1));
}

TEST(S48, PriorityReadsBack) {
  const Socket socket = tcp_socket();
  EXPECT_EQ(socket.priority().value(), 0u);
  for (std::uint32_t value = 6; value > 0; --value) {
    expect_round_trip(socket, &Socket::priority, &Socket::set_priority, value);
  }
  EXPECT_TRUE(socket.set_priority(0));
  EXPECT_EQ(socket.priority().value(), 0u);
}

TEST(SX6, MarkReadsBack) {
  expect_round_trip(tcp_socket(), &Socket::mark, &Socket::set_mark, std::uint32_t{0xffff'fffe});
}

TEST(S37, CpuAffinityReadsBack) {
  expect_round_trip(tcp_socket(), &Socket::cpu_affinity, &Socket::set_cpu_affinity,
                    std::uint32_t{0});
}

TEST(S49, BusyPollReadsBack) {
  const Socket socket = tcp_socket();
  for (std::uint32_t value = 6; value > 0; --value) {
    expect_round_trip(socket, &Socket::busy_poll, &Socket::set_busy_poll, value);
  }
}

TEST(SX8, BufferSizesAreDoubledAndLimited) {
  const Socket socket = tcp_socket();
  expect_round_trip(socket, &Socket::recv_buffer_size, &Socket::set_recv_buffer_size,
                    std::size_t{4096}, std::size_t{8192});
  expect_round_trip(socket, &Socket::send_buffer_size, &Socket::set_send_buffer_size,
                    std::size_t{4096}, std::size_t{8192});
  const std::size_t too_large = std::size_t{std::numeric_limits<int>::max()} + 1;
  EXPECT_EQ(socket.set_recv_buffer_size(too_large).error(), std::errc::invalid_argument);
  EXPECT_EQ(socket.set_send_buffer_size(too_large).error(), std::errc::invalid_argument);
}

TEST(SX8, BufferSizesCanBeForcedBeyondTheLimit) {
  constexpr std::size_t kWanted = std::size_t{64} << 20;
  const Socket socket = udp_socket();
  expect_round_trip(socket, &Socket::recv_buffer_size, &Socket::set_recv_buffer_size_force, kWanted,
                    2 * kWanted);
  expect_round_trip(socket, &Socket::send_buffer_size, &Socket::set_send_buffer_size_force, kWanted,
                    2 * kWanted);
}

TEST(SX9, TimeoutsReadBack) {
  const Socket socket = tcp_socket();
  EXPECT_EQ(socket.read_timeout().value(), std::nullopt);
  EXPECT_TRUE(socket.set_read_timeout(10s));
  EXPECT_EQ(socket.read_timeout().value(), 10s);
  EXPECT_EQ(socket.write_timeout().value(), std::nullopt);
  EXPECT_TRUE(socket.set_write_timeout(2s));
  EXPECT_EQ(socket.write_timeout().value(), 2s);
  EXPECT_TRUE(socket.set_read_timeout(std::nullopt));
  EXPECT_EQ(socket.read_timeout().value(), std::nullopt);
  EXPECT_TRUE(socket.set_write_timeout(microseconds(0)));
  EXPECT_EQ(socket.write_timeout().value(), std::nullopt);
  EXPECT_EQ(socket.set_read_timeout(microseconds(-1)).error(), std::errc::invalid_argument);
  EXPECT_EQ(socket.set_write_timeout(-1s).error(), std::errc::invalid_argument);
}

TEST(SX9, ATimeoutUnderAMicrosecondIsNotNone) {
  const Socket socket = tcp_socket();
  EXPECT_TRUE(socket.set_read_timeout(1ns));
  EXPECT_NE(socket.read_timeout().value(), std::nullopt);
  EXPECT_TRUE(socket.set_write_timeout(999ns));
  EXPECT_NE(socket.write_timeout().value(), std::nullopt);
  EXPECT_TRUE(socket.set_read_timeout(0ns));
  EXPECT_EQ(socket.read_timeout().value(), std::nullopt);
  EXPECT_EQ(socket.set_read_timeout(-1ns).error(), std::errc::invalid_argument);
}

TEST(SX9, AReceiveGivesUpAfterItsTimeout) {
  const Socket socket = bound_socket(Type::kDgram);
  ASSERT_TRUE(socket.set_read_timeout(1ms));
  char room[4];
  EXPECT_EQ(socket.recv(std::span<char>(room)).error(), std::errc::operation_would_block);
}

TEST(S30, BindingToADeviceReadsBack) {
  const Socket socket = udp_socket();
  EXPECT_EQ(socket.device().value(), std::nullopt);
  const Result<void> bound = socket.bind_device("lo");
  if (refused(bound)) GTEST_SKIP() << refusal(bound);
  ASSERT_TRUE(bound);
  EXPECT_EQ(socket.device().value(), "lo");
  const Result<void> unbound = socket.bind_device(std::nullopt);
  if (refused(unbound)) GTEST_SKIP() << refusal(unbound);
  EXPECT_TRUE(unbound);
  EXPECT_EQ(socket.device().value(), std::nullopt);
}

TEST(SX12, ADeviceNameThatTheKernelWouldCutIsRefused) {
  const Socket socket = udp_socket();
  EXPECT_EQ(socket.bind_device("lo3456789abcdefg").error(), std::errc::invalid_argument);
  EXPECT_EQ(socket.bind_device("lo3456789abcdef").error(), std::errc::no_such_device);
}

TEST(S31, BindingToADeviceByIndexReadsBack) {
  const Socket socket = udp_socket(Domain::kIpv6);
  EXPECT_EQ(socket.device_index_v4().value(), std::nullopt);
  EXPECT_EQ(socket.device_index_v6().value(), std::nullopt);
  const Result<void> bound = socket.bind_device_by_index_v4(1);
  if (refused(bound)) GTEST_SKIP() << refusal(bound);
  ASSERT_TRUE(bound);
  EXPECT_EQ(socket.device_index_v4().value(), 1u);
  const Result<void> unbound = socket.bind_device_by_index_v6(std::nullopt);
  if (refused(unbound)) GTEST_SKIP() << refusal(unbound);
  EXPECT_TRUE(unbound);
  EXPECT_EQ(socket.device_index_v6().value(), std::nullopt);
  EXPECT_TRUE(socket.bind_device_by_index_v6(1));
  EXPECT_EQ(socket.device_index_v6().value(), 1u);
}

TEST(SO8, AFilterDecidesWhatIsReceived) {
  const auto [a, b] = Socket::pair(Domain::kUnix, Type::kDgram).value();
  // Keep two bytes of what begins with 'k', and nothing of the rest.
  const ::sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'k', 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 2),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  ASSERT_TRUE(b.attach_filter(program));
  static_cast<void>(a.send("drop"));  // the kernel may say that it was not taken
  EXPECT_EQ(a.send("keep").value(), 4u);
  EXPECT_EQ(received(b, MSG_DONTWAIT), "ke");
  EXPECT_TRUE(b.detach_filter());
  EXPECT_EQ(b.detach_filter().error(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(a.send("all").value(), 3u);
  EXPECT_EQ(received(b, MSG_DONTWAIT), "all");
}

TEST(SO8, AFilterThatIsTooLongIsRefusedAndNotCut) {
  const Socket socket = udp_socket();
  std::vector<::sock_filter> program(65536 + 1, ::sock_filter(BPF_STMT(BPF_RET | BPF_K, 0)));
  EXPECT_EQ(socket.attach_filter(program).error(), std::errc::invalid_argument);
  program.resize(BPF_MAXINSNS + 1);
  EXPECT_EQ(socket.attach_filter(program).error(), std::errc::invalid_argument);
  program.resize(BPF_MAXINSNS);
  EXPECT_TRUE(socket.attach_filter(program));
}

TEST(SX14, ZerocopyReadsBack) {
  expect_round_trip(tcp_socket(), &Socket::zerocopy, &Socket::set_zerocopy, true);
}

TEST(SX15, TimestampingReadsBack) {
  expect_round_trip(udp_socket(), &Socket::timestamping, &Socket::set_timestamping,
                    std::uint32_t{SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE});
}

TEST(S47, PasscredReadsBack) {
  for (const Type type : {Type::kDgram, Type::kStream}) {
    expect_round_trip(make_socket(Domain::kUnix, type), &Socket::passcred, &Socket::set_passcred,
                      true);
  }
}

TEST(SX16, PasssecReadsBack) {
  expect_round_trip(make_socket(Domain::kUnix, Type::kStream), &Socket::passsec,
                    &Socket::set_passsec, true);
}

TEST(SX16, PasspidfdReadsBack) {
  expect_round_trip(make_socket(Domain::kUnix, Type::kStream), &Socket::passpidfd,
                    &Socket::set_passpidfd, true);
}

TEST(SX11, ThePeerOfAPairIsThisProcess) {
  const auto [a, b] = Socket::pair(Domain::kUnix, Type::kStream).value();
  const UCred peer = a.peer_cred().value();
  EXPECT_EQ(peer, UCred(::getuid(), ::getgid(), ::getpid()));
  EXPECT_EQ(peer.uid(), ::getuid());
  EXPECT_EQ(peer.gid(), ::getgid());
  EXPECT_EQ(peer.pid(), ::getpid());
  EXPECT_EQ(make_socket(Domain::kUnix, Type::kStream).peer_cred().error(),
            std::errc::not_connected);
}

TEST(SX11, ThePeersPidfdIsOwnedAndCloseOnExec) {
  const auto [a, b] = Socket::pair(Domain::kUnix, Type::kStream).value();
  const Result<OwnedFd> pidfd = a.peer_pidfd();
  if (refused(pidfd)) GTEST_SKIP() << refusal(pidfd);
  ASSERT_TRUE(pidfd);
  EXPECT_NE(::fcntl(pidfd->raw(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_FALSE(make_socket(Domain::kUnix, Type::kStream).peer_pidfd());
}

TEST(SX26, AnOptionThatASocketDoesNotHaveIsTheKernelsError) {
  EXPECT_EQ(udp_socket().tcp_nodelay().error(), std::errc::operation_not_supported);
  EXPECT_EQ(tcp_socket().only_v6().error(), std::errc::operation_not_supported);
  EXPECT_EQ(make_socket(Domain::kUnix, Type::kStream).set_ttl_v4(1).error(),
            std::errc::operation_not_supported);
}

}  // namespace
}  // namespace weft::net
