// Options of TCP, UDP and DCCP sockets.

#include <chrono>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <system_error>
#include <utility>
#include <vector>

#include <linux/dccp.h>

#include <gtest/gtest.h>
#include <tests/unit/net/socket_support.h>
#include <weft/base/sys_table.h>
#include <weft/net/socket/socket.h>
#include <weft/net/socket/tcp_keepalive.h>

namespace weft::net {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using U32 = std::uint32_t;

TEST(SX33, WhenPacketsAreSentReadsBack) {
  const Socket socket = tcp_socket();
  expect_round_trip(socket, &Socket::tcp_nodelay, &Socket::set_tcp_nodelay, true);
  expect_round_trip(socket, &Socket::tcp_cork, &Socket::set_tcp_cork, true);
  expect_round_trip(socket, &Socket::tcp_quickack, &Socket::set_tcp_quickack, false);
  expect_round_trip(socket, &Socket::tcp_thin_linear_timeouts,
                    &Socket::set_tcp_thin_linear_timeouts, true);
}

TEST(S29, KeepaliveTimesReadBack) {
  const Socket socket = tcp_socket();
  TcpKeepalive keepalive;
  keepalive.with_time(200s).with_interval(30s).with_retries(10);
  EXPECT_TRUE(socket.set_tcp_keepalive(keepalive));
  EXPECT_TRUE(socket.keepalive().value());
  EXPECT_EQ(socket.tcp_keepalive_time().value(), 200s);
  EXPECT_EQ(socket.tcp_keepalive_interval().value(), 30s);
  EXPECT_EQ(socket.tcp_keepalive_retries().value(), 10u);
}

TEST(SK10, WhatIsNotSetIsLeftAlone) {
  const Socket socket = tcp_socket();
  const auto time = socket.tcp_keepalive_time().value();
  const U32 retries = socket.tcp_keepalive_retries().value();
  TcpKeepalive keepalive;
  keepalive.with_interval(31s);
  EXPECT_EQ(keepalive.time(), std::nullopt);
  EXPECT_EQ(keepalive.interval(), 31s);
  EXPECT_EQ(keepalive.retries(), std::nullopt);
  EXPECT_TRUE(socket.set_tcp_keepalive(keepalive));
  EXPECT_EQ(socket.tcp_keepalive_time().value(), time);
  EXPECT_EQ(socket.tcp_keepalive_interval().value(), 31s);
  EXPECT_EQ(socket.tcp_keepalive_retries().value(), retries);
}

TEST(SX34, TheFirstErrorEndsIt) {
  const Socket socket = tcp_socket();
  const U32 retries = socket.tcp_keepalive_retries().value();
  TcpKeepalive keepalive;
  keepalive.with_time(100s).with_interval(-1s).with_retries(retries + 1);
  EXPECT_EQ(socket.set_tcp_keepalive(keepalive).error(), std::errc::invalid_argument);
  EXPECT_EQ(socket.tcp_keepalive_time().value(), 100s);
  EXPECT_EQ(socket.tcp_keepalive_retries().value(), retries);
}

TEST(SX35, TheSegmentSizeIsKept) {
  const auto [client, server] = connected_sockets();
  const U32 before = client.tcp_mss().value();
  EXPECT_TRUE(client.set_tcp_mss(1000));
  EXPECT_GT(before, 0u);
  EXPECT_EQ(client.set_tcp_mss(1).error(), std::errc::invalid_argument);
  // What a listener has set is what its connections have.
  const Socket listener = bound_socket(Type::kStream);
  ASSERT_TRUE(listener.set_tcp_mss(1000));
  ASSERT_TRUE(listener.listen(1));
  const Socket third = tcp_socket();
  ASSERT_TRUE(third.connect(listener.local_addr().value()));
  EXPECT_LE(third.tcp_mss().value(), 1000u);
  EXPECT_LT(third.tcp_mss().value(), before);
}

TEST(SX36, NotsentLowatReadsBack) {
  expect_round_trip(tcp_socket(), &Socket::tcp_notsent_lowat, &Socket::set_tcp_notsent_lowat,
                    U32{16384});
}

TEST(SX37, TheUserTimeoutReadsBackAndIsLimited) {
  const Socket socket = tcp_socket();
  EXPECT_EQ(socket.tcp_user_timeout().value(), std::nullopt);
  EXPECT_TRUE(socket.set_tcp_user_timeout(10s));
  EXPECT_EQ(socket.tcp_user_timeout().value(), 10s);
  EXPECT_TRUE(socket.set_tcp_user_timeout(std::nullopt));
  EXPECT_EQ(socket.tcp_user_timeout().value(), std::nullopt);
  EXPECT_EQ(socket.set_tcp_user_timeout(-1ms).error(), std::errc::invalid_argument);
}

// Options whose numbers a kernel may not take: a kernel of our own, which remembers what it is
// given, byte by byte.
class RememberingKernel {
 public:
  RememberingKernel() {
    memory().clear();
    table_.setsockopt = [](int, int level, int name, const void* value, ::socklen_t size) {
      const auto* const bytes = static_cast<const char*>(value);
      memory()[{level, name}].assign(bytes, bytes + size);
      return 0;
    };
    table_.getsockopt = [](int, int level, int name, void* value, ::socklen_t* size) {
      const std::string& bytes = memory()[{level, name}];
      EXPECT_GE(*size, bytes.size());
      std::memcpy(value, bytes.data(), bytes.size());
      *size = static_cast<::socklen_t>(bytes.size());
      return 0;
    };
  }

  static std::map<std::pair<int, int>, std::string>& memory() {
    static std::map<std::pair<int, int>, std::string> options;
    return options;
  }
  template <class T>
  static T value(int level, int name) {
    T value;
    EXPECT_EQ((memory()[{level, name}].size()), sizeof value);
    std::memcpy(&value, memory()[{level, name}].data(), sizeof value);
    return value;
  }
  template <class T>
  static void put(int level, int name, const T& value) {
    memory()[{level, name}].assign(reinterpret_cast<const char*>(&value), sizeof value);
  }

 private:
  sys::Table table_;
  sys::TableScope scope_{table_};
};

TEST(SX37, ALongUserTimeoutIsTheLongestThereIs) {
  const Socket socket = tcp_socket();
  const RememberingKernel kernel;
  EXPECT_TRUE(socket.set_tcp_user_timeout(std::chrono::hours(24 * 365)));
  EXPECT_EQ(kernel.value<U32>(IPPROTO_TCP, TCP_USER_TIMEOUT), std::numeric_limits<U32>::max());
  EXPECT_EQ(socket.tcp_user_timeout().value(), milliseconds(std::numeric_limits<U32>::max()));
}

TEST(S44, AnUnknownCongestionControlChangesNothing) {
  const Socket socket = tcp_socket();
  const std::string before = socket.tcp_congestion().value();
  EXPECT_FALSE(before.empty());
  EXPECT_EQ(before.find('\0'), std::string::npos);
  EXPECT_EQ(socket.set_tcp_congestion("no-such").error(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(socket.tcp_congestion().value(), before);
  const Result<void> set = socket.set_tcp_congestion("reno");
  if (refused(set)) GTEST_SKIP() << refusal(set);
  EXPECT_EQ(socket.tcp_congestion().value(), "reno");
}

TEST(SX39, FastopenReadsBack) {
  expect_round_trip(bound_socket(Type::kStream), &Socket::tcp_fastopen, &Socket::set_tcp_fastopen,
                    U32{5});
}

TEST(SX40, FastopenConnectReadsBack) {
  expect_round_trip(tcp_socket(), &Socket::tcp_fastopen_connect, &Socket::set_tcp_fastopen_connect,
                    true);
}

TEST(SX41, DeferAcceptIsRoundedUp) {
  const Socket socket = tcp_socket();
  EXPECT_EQ(socket.tcp_defer_accept().value(), 0s);
  EXPECT_TRUE(socket.set_tcp_defer_accept(10s));
  EXPECT_GE(socket.tcp_defer_accept().value(), 10s);
  EXPECT_EQ(socket.set_tcp_defer_accept(-1s).error(), std::errc::invalid_argument);
}

TEST(SX42, TcpInfoIsTheStateOfTheConnection) {
  const auto [client, server] = connected_sockets();
  EXPECT_EQ(client.tcp_info()->tcpi_state, TCP_ESTABLISHED);
  EXPECT_EQ(tcp_socket().tcp_info()->tcpi_state, TCP_CLOSE);
}

TEST(SX44, OneSendBecomesSeveralDatagrams) {
  const Socket sender = bound_socket(Type::kDgram);
  const Socket receiver = bound_socket(Type::kDgram);
  expect_round_trip(sender, &Socket::udp_segment, &Socket::set_udp_segment, std::uint16_t{4});
  if (IsSkipped()) return;
  EXPECT_EQ(sender.send_to("abcdefgh", receiver.local_addr().value()).value(), 8u);
  EXPECT_EQ(received(receiver), "abcd");
  EXPECT_EQ(received(receiver), "efgh");
}

TEST(SX45, UdpGroReadsBack) {
  expect_round_trip(udp_socket(), &Socket::udp_gro, &Socket::set_udp_gro, true);
}

TEST(S45, DccpOptionsOfARealSocket) {
  const Result<Socket> made = Socket::create(Domain::kIpv4, Type::kDccp, Protocol::kDccp);
  if (refused(made)) GTEST_SKIP() << refusal(made);
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->set_dccp_service(45));
  EXPECT_EQ(made->dccp_service().value(), 45u);
  EXPECT_GE(made->dccp_available_ccids<4>()->size(), 3u);
  EXPECT_EQ(made->dccp_send_cscov().value(), 0u);
  EXPECT_TRUE(made->set_dccp_qpolicy_txqlen(6));
  EXPECT_EQ(made->dccp_qpolicy_txqlen().value(), 6u);
}

TEST(SX46, TheServiceCodeIsInNetworkByteOrder) {
  const Socket socket = udp_socket();
  const RememberingKernel kernel;
  EXPECT_TRUE(socket.set_dccp_service(0x01020304));
  EXPECT_EQ(kernel.memory()[std::pair(SOL_DCCP, DCCP_SOCKOPT_SERVICE)], "\x01\x02\x03\x04");
  EXPECT_EQ(socket.dccp_service().value(), 0x01020304u);
}

TEST(SX47, TheCcidIsAByteAndReadAsNumbers) {
  const Socket socket = udp_socket();
  const RememberingKernel kernel;
  EXPECT_TRUE(socket.set_dccp_ccid(3));
  EXPECT_EQ(kernel.value<std::uint8_t>(SOL_DCCP, DCCP_SOCKOPT_CCID), 3);
  kernel.put(SOL_DCCP, DCCP_SOCKOPT_TX_CCID, 2);
  kernel.put(SOL_DCCP, DCCP_SOCKOPT_RX_CCID, 3);
  EXPECT_EQ(socket.dccp_tx_ccid().value(), 2u);
  EXPECT_EQ(socket.dccp_rx_ccid().value(), 3u);
  kernel.memory()[std::pair(SOL_DCCP, DCCP_SOCKOPT_AVAILABLE_CCIDS)] = "\x02\x03\xf8";
  EXPECT_EQ(socket.dccp_available_ccids<4>().value(), (std::vector<std::uint8_t>{2, 3, 0xf8}));
}

TEST(SX48, DccpOptionsReadBack) {
  const Socket socket = udp_socket();
  const RememberingKernel kernel;
  for (const int name : {DCCP_SOCKOPT_SERVER_TIMEWAIT, DCCP_SOCKOPT_SEND_CSCOV,
                         DCCP_SOCKOPT_RECV_CSCOV, DCCP_SOCKOPT_QPOLICY_TXQLEN}) {
    kernel.put(SOL_DCCP, name, 0);
  }
  expect_round_trip(socket, &Socket::dccp_server_timewait, &Socket::set_dccp_server_timewait, true);
  expect_round_trip(socket, &Socket::dccp_send_cscov, &Socket::set_dccp_send_cscov, U32{4});
  expect_round_trip(socket, &Socket::dccp_recv_cscov, &Socket::set_dccp_recv_cscov, U32{5});
  expect_round_trip(socket, &Socket::dccp_qpolicy_txqlen, &Socket::set_dccp_qpolicy_txqlen, U32{6});
  EXPECT_EQ(kernel.value<int>(SOL_DCCP, DCCP_SOCKOPT_SERVER_TIMEWAIT), 1);
  EXPECT_EQ(kernel.value<int>(SOL_DCCP, DCCP_SOCKOPT_SEND_CSCOV), 4);
  EXPECT_EQ(kernel.value<int>(SOL_DCCP, DCCP_SOCKOPT_RECV_CSCOV), 5);
  EXPECT_EQ(kernel.value<int>(SOL_DCCP, DCCP_SOCKOPT_QPOLICY_TXQLEN), 6);
}

TEST(SX49, TheLargestPacketIsRead) {
  const Socket socket = udp_socket();
  const RememberingKernel kernel;
  kernel.put(SOL_DCCP, DCCP_SOCKOPT_GET_CUR_MPS, 1424);
  EXPECT_EQ(socket.dccp_cur_mps().value(), 1424u);
}

}  // namespace
}  // namespace weft::net
