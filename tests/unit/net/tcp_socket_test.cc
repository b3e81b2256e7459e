// TcpSocket, and the options of sockets.

#include <chrono>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <utility>

#include <tests/support/refusal.h>
#include <tests/unit/net/net_support.h>
#include <weft/net/tcp_socket.h>

namespace weft::net {
namespace {

using namespace std::chrono_literals;
using test_support::current_thread;
using test_support::open_fd_count;
using test_support::refusal;
using test_support::refused;

TEST(N12, BindsListensAndConnects) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    for (const char* text : {"127.0.0.1:0", "[::1]:0"}) {
      const SocketAddr any = SocketAddr::parse(text).value();
      const auto make = any.is_ipv4() ? &TcpSocket::new_v4 : &TcpSocket::new_v6;
      TcpSocket server = make().value();
      EXPECT_TRUE(server.bind(any));
      TcpListener listener = std::move(server).listen(128).value();
      TcpSocket client = make().value();
      EXPECT_TRUE(client.bind(any));
      const SocketAddr from = client.local_addr().value();
      const TcpStream stream =
          (co_await std::move(client).connect(listener.local_addr().value())).value();
      EXPECT_EQ(stream.local_addr().value(), from);
      EXPECT_EQ((co_await listener.accept())->second, from);
    }
  }());
}

TEST(N12, ARefusedConnectClosesTheSocket) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    SocketAddr nobody(Ipv4Addr::localhost(), 0);
    {
      TcpListener gone = (co_await TcpListener::bind(kAnyPort)).value();
      nobody = gone.local_addr().value();
    }
    const std::size_t before = open_fd_count();
    TcpSocket socket = TcpSocket::new_v4().value();
    const Result<TcpStream> stream = co_await std::move(socket).connect(nobody);
    EXPECT_EQ(stream.error(), std::errc::connection_refused);
    EXPECT_EQ(open_fd_count(), before);
  }());
}

TEST(N13, LingerReadsBack) {
  TcpSocket socket = TcpSocket::new_v4().value();
  EXPECT_EQ(socket.linger().value(), std::nullopt);
  EXPECT_TRUE(socket.set_zero_linger());
  EXPECT_EQ(socket.linger().value(), 0s);
  EXPECT_TRUE(socket.set_linger(1s));
  EXPECT_EQ(socket.linger().value(), 1s);
  EXPECT_TRUE(socket.set_linger(std::nullopt));
  EXPECT_EQ(socket.linger().value(), std::nullopt);
  EXPECT_EQ(socket.set_linger(-1s).error(), std::errc::invalid_argument);
}

TEST(N14, OptionsReadBack) {
  TcpSocket socket = TcpSocket::new_v4().value();
  EXPECT_FALSE(socket.reuseaddr().value());
  EXPECT_TRUE(socket.set_reuseaddr(true));
  EXPECT_TRUE(socket.reuseaddr().value());
  EXPECT_FALSE(socket.reuseport().value());
  EXPECT_TRUE(socket.set_reuseport(true));
  EXPECT_TRUE(socket.reuseport().value());
  EXPECT_FALSE(socket.keepalive().value());
  EXPECT_TRUE(socket.set_keepalive(true));
  EXPECT_TRUE(socket.keepalive().value());
  EXPECT_FALSE(socket.nodelay().value());
  EXPECT_TRUE(socket.set_nodelay(true));
  EXPECT_TRUE(socket.nodelay().value());
  EXPECT_TRUE(socket.set_nodelay(false));
  EXPECT_FALSE(socket.nodelay().value());
  EXPECT_EQ(socket.take_error().value(), std::nullopt);
}

TEST(N14, BuffersAreDoubled) {
  TcpSocket socket = TcpSocket::new_v4().value();
  EXPECT_TRUE(socket.set_send_buffer_size(50'000));
  EXPECT_EQ(socket.send_buffer_size().value(), 100'000u);
  EXPECT_TRUE(socket.set_recv_buffer_size(60'000));
  EXPECT_EQ(socket.recv_buffer_size().value(), 120'000u);
  EXPECT_EQ(socket.set_send_buffer_size(0x8000'0000).error(), std::errc::invalid_argument);
}

TEST(N14, TrafficClasses) {
  TcpSocket four = TcpSocket::new_v4().value();
  EXPECT_NE(four.tos_v4().value(), 96u);
  EXPECT_TRUE(four.set_tos_v4(96));
  EXPECT_EQ(four.tos_v4().value(), 96u);
  TcpSocket six = TcpSocket::new_v6().value();
  EXPECT_NE(six.tclass_v6().value(), 96u);
  EXPECT_TRUE(six.set_tclass_v6(96));
  EXPECT_EQ(six.tclass_v6().value(), 96u);
}

TEST(N14, DevicesByName) {
  TcpSocket socket = TcpSocket::new_v4().value();
  EXPECT_EQ(socket.device().value(), std::nullopt);
  EXPECT_FALSE(socket.bind_device("no-such-device"));
  const Result<void> bound = socket.bind_device("lo");
  if (!bound) {
    EXPECT_EQ(bound.error(), std::errc::operation_not_permitted);
    GTEST_SKIP() << "a privilege before Linux 5.7: " << refusal(bound);
  }
  EXPECT_EQ(socket.device().value(), "lo");
  const Result<void> unbound = socket.bind_device(std::nullopt);
  if (refused(unbound)) GTEST_SKIP() << "a privilege, once it is bound: " << refusal(unbound);
  EXPECT_TRUE(unbound);
  EXPECT_EQ(socket.device().value(), std::nullopt);
}

TEST(NC7, ADescriptorBecomesASocket) {
  OwnedFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int number = fd.raw();
  const TcpSocket socket = TcpSocket::from_fd(std::move(fd)).value();
  EXPECT_EQ(socket.as_fd().raw(), number);
  OwnedFd blocking(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(TcpSocket::from_fd(std::move(blocking)).error(), std::errc::invalid_argument);
  EXPECT_TRUE(blocking);
}

TEST(NC8, OptionsOfAStream) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    EXPECT_FALSE(ends.client.nodelay().value());
    EXPECT_TRUE(ends.client.set_nodelay(true));
    EXPECT_TRUE(ends.client.nodelay().value());
    EXPECT_TRUE(ends.client.set_ttl(42));
    EXPECT_EQ(ends.client.ttl().value(), 42u);
    EXPECT_EQ(ends.client.linger().value(), std::nullopt);
    EXPECT_TRUE(ends.client.set_linger(2s));
    EXPECT_EQ(ends.client.linger().value(), 2s);
    EXPECT_TRUE(ends.client.set_zero_linger());
    EXPECT_EQ(ends.client.linger().value(), 0s);
  }());
}

TEST(N22, QuickackReadsBack) {
  runtime::Runtime rt = current_thread();
  rt.block_on([]() -> Task<> {
    Pair ends = co_await connected();
    EXPECT_TRUE(ends.client.set_quickack(true));
    EXPECT_TRUE(ends.client.quickack().value());
    EXPECT_TRUE(ends.client.set_quickack(false));
    EXPECT_FALSE(ends.client.quickack().value());
  }());
}

}  // namespace
}  // namespace weft::net
