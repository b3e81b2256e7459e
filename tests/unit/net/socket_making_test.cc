// Making sockets, their modes, connecting, and what they say of themselves.

#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <sys/socket.h>
#include <system_error>
#include <type_traits>
#include <unistd.h>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/raw_sockets.h>
#include <tests/unit/net/socket_support.h>
#include <weft/net/socket/sock_ref.h>
#include <weft/net/socket/socket.h>

namespace weft::net {
namespace {

using namespace std::chrono_literals;
using test_support::open_fd_count;

bool is_nonblocking(const Socket& socket) {
  return (::fcntl(socket.raw(), F_GETFL) & O_NONBLOCK) != 0;
}

TEST(SK1, ASocketIsAMoveOnlyInt) {
  static_assert(sizeof(Socket) == sizeof(int));
  static_assert(std::is_nothrow_move_constructible_v<Socket> &&
                !std::is_copy_constructible_v<Socket>);
  Socket socket = tcp_socket();
  const int number = socket.raw();
  Socket moved = std::move(socket);
  EXPECT_EQ(moved.raw(), number);
  EXPECT_EQ(socket.raw(), -1);  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_EQ(std::move(moved).into_fd().raw(), number);
}

TEST(SK1, DestroyingAndAssigningClose) {
  const std::size_t before = open_fd_count();
  {
    Socket one = tcp_socket();
    Socket two = tcp_socket();
    EXPECT_EQ(open_fd_count(), before + 2);
    one = std::move(two);
    EXPECT_EQ(open_fd_count(), before + 1);
    EXPECT_TRUE(one.close());
    EXPECT_EQ(open_fd_count(), before);
  }
  EXPECT_EQ(open_fd_count(), before);
}

TEST(SK1, UsingAMovedFromSocketIsFatal) {
  Socket socket = tcp_socket();
  const Socket moved = std::move(socket);
  // NOLINTNEXTLINE(bugprone-use-after-move): that is what is tested
  EXPECT_DEATH(static_cast<void>(socket.listen(1)), "it is empty");
}

TEST(S4, ANegativeNumberIsFatal) {
  EXPECT_DEATH(static_cast<void>(Socket(OwnedFd(-1))), "a negative number is no descriptor");
}

TEST(S12, NonblockingIsSetAndCleared) {
  const Socket socket = tcp_socket();
  EXPECT_FALSE(is_nonblocking(socket));
  EXPECT_TRUE(socket.set_nonblocking(true));
  EXPECT_TRUE(is_nonblocking(socket));
  EXPECT_TRUE(socket.nonblocking().value());
  EXPECT_TRUE(socket.set_nonblocking(false));
  EXPECT_FALSE(is_nonblocking(socket));
  EXPECT_FALSE(socket.nonblocking().value());
}

TEST(S13, CreatedSocketsAreCloseOnExecAndRawOnesAreNot) {
  EXPECT_TRUE(is_cloexec(tcp_socket()));
  EXPECT_FALSE(is_cloexec(Socket::create_raw(Domain::kIpv4, Type::kStream).value()));
  const auto pair = Socket::pair(Domain::kUnix, Type::kStream).value();
  EXPECT_TRUE(is_cloexec(pair.first));
  EXPECT_TRUE(is_cloexec(pair.second));
  const auto raw = Socket::pair_raw(Domain::kUnix, Type::kStream).value();
  EXPECT_FALSE(is_cloexec(raw.first));
  EXPECT_FALSE(is_cloexec(raw.second));
  EXPECT_TRUE(is_cloexec(raw.first.try_clone().value()));
}

TEST(S13, AcceptedSocketsAreCloseOnExecAndRawOnesAreNot) {
  const Socket listener = listening_socket();
  const SockAddr address = listener.local_addr().value();
  const Socket clients[] = {tcp_socket(), tcp_socket(), tcp_socket()};
  for (const Socket& client : clients) ASSERT_TRUE(client.connect(address));
  EXPECT_TRUE(listener.set_nonblocking(true));
  const Socket::Accepted usual = listener.accept().value();
  EXPECT_TRUE(is_cloexec(usual.first));
  EXPECT_FALSE(is_nonblocking(usual.first));
  EXPECT_EQ(usual.second, clients[0].local_addr().value());
  EXPECT_FALSE(is_cloexec(listener.accept_raw().value().first));
  EXPECT_TRUE(is_nonblocking(listener.accept4(SOCK_NONBLOCK).value().first));
  EXPECT_EQ(listener.accept().error(), std::errc::operation_would_block);
}

TEST(S14, ModifiersOfTheTypeTakeEffect) {
  const Socket plain = Socket::create_raw(Domain::kIpv4, Type::kStream).value();
  EXPECT_FALSE(is_nonblocking(plain));
  const auto nonblocking = Socket::create_raw(Domain::kIpv4, Type::kStream.nonblocking());
  EXPECT_TRUE(is_nonblocking(*nonblocking));
  EXPECT_FALSE(is_cloexec(*nonblocking));
  EXPECT_TRUE(is_cloexec(Socket::create_raw(Domain::kIpv4, Type::kStream.cloexec()).value()));
}

TEST(S15, CloseOnExecIsSetAndCleared) {
  const Socket socket = tcp_socket();
  EXPECT_TRUE(is_cloexec(socket));
  EXPECT_TRUE(socket.set_cloexec(false));
  EXPECT_FALSE(is_cloexec(socket));
  EXPECT_TRUE(socket.set_cloexec(true));
  EXPECT_TRUE(is_cloexec(socket));
}

// Nobody answers: the listener's queue is full, so that the kernel drops what else comes.
TEST(S16, ConnectTimeoutGivesUp) {
  const Socket listener = bound_socket(Type::kStream);
  ASSERT_TRUE(listener.listen(0));
  const SockAddr address = listener.local_addr().value();
  const Socket first = tcp_socket();
  ASSERT_TRUE(first.connect(address));
  const Socket second = tcp_socket();
  const Result<void> done = second.connect_timeout(address, 20ms);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), std::errc::timed_out);
  EXPECT_FALSE(is_nonblocking(second));
}

TEST(S17, ConnectTimeoutToNobodyFails) {
  const SockAddr nobody = [] { return bound_socket(Type::kStream).local_addr().value(); }();
  const Socket socket = tcp_socket();
  const Result<void> done = socket.connect_timeout(nobody, 30s);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), std::errc::connection_refused);
  EXPECT_FALSE(is_nonblocking(socket));
}

TEST(S18, ConnectTimeoutToAListenerConnects) {
  const Socket listener = listening_socket();
  const SockAddr address = listener.local_addr().value();
  const Socket socket = tcp_socket();
  EXPECT_TRUE(socket.connect_timeout(address, 30s));
  EXPECT_EQ(socket.peer_addr().value(), address);
}

TEST(SO4, ConnectTimeoutRestoresTheMode) {
  const Socket listener = listening_socket();
  const SockAddr address = listener.local_addr().value();
  const Socket nonblocking = tcp_socket();
  ASSERT_TRUE(nonblocking.set_nonblocking(true));
  EXPECT_TRUE(nonblocking.connect_timeout(address, 30s));
  EXPECT_TRUE(is_nonblocking(nonblocking));
  const Socket blocking = tcp_socket();
  EXPECT_TRUE(blocking.connect_timeout(address, 30s));
  EXPECT_FALSE(is_nonblocking(blocking));
}

TEST(SO4, ConnectTimeoutReportsWhatFailsAtOnce) {
  const Socket socket = tcp_socket();
  const Result<void> done = socket.connect_timeout(any_port(Domain::kIpv6), 30s);
  EXPECT_EQ(done.error(), std::errc::address_family_not_supported);
  EXPECT_FALSE(is_nonblocking(socket));
}

TEST(SO4, ConnectOfANonBlockingSocketIsInProgress) {
  const Socket listener = listening_socket();
  const Socket socket = Socket::create(Domain::kIpv4, Type::kStream.nonblocking()).value();
  const Result<void> done = socket.connect(listener.local_addr().value());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), std::errc::operation_in_progress);
  EXPECT_TRUE(listener.accept());
  EXPECT_EQ(socket.take_error().value(), std::nullopt);
}

TEST(S19, APairCarriesData) {
  const auto [a, b] = Socket::pair(Domain::kUnix, Type::kStream).value();
  EXPECT_EQ(a.send("hello").value(), 5u);
  EXPECT_EQ(received(b), "hello");
}

TEST(S20, AUnixPathListenerCarriesData) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) /
                                     ("weft-s20-" + std::to_string(::getpid()) + ".sock");
  const SockAddr address = SockAddr::from_unix(path).value();
  const Socket listener = make_socket(Domain::kUnix, Type::kStream);
  ASSERT_TRUE(listener.bind(address));
  EXPECT_EQ(listener.local_addr()->as_pathname(), path.native());
  ASSERT_TRUE(listener.listen(1));
  const Socket client = make_socket(Domain::kUnix, Type::kStream);
  ASSERT_TRUE(client.connect(address));
  std::filesystem::remove(path);
  const auto [server, from] = listener.accept().value();
  EXPECT_TRUE(from.is_unnamed());
  EXPECT_TRUE(is_cloexec(server));
  EXPECT_EQ(client.peer_addr()->as_pathname(), path.native());
  EXPECT_EQ(client.send("x").value(), 1u);
  EXPECT_EQ(received(server), "x");
}

TEST(S21, AVsockLoopCarriesData) {
  constexpr std::uint32_t kLocal = 1;
  constexpr std::uint32_t kAnyPort = 0xffff'ffff;
  const Result<Socket> listener = Socket::create(Domain::kVsock, Type::kStream);
  if (refused(listener)) GTEST_SKIP() << refusal(listener);
  const Result<void> bound = listener->bind(SockAddr::vsock(kLocal, kAnyPort));
  // Without the loopback module there is no such address.
  if (!bound) GTEST_SKIP() << refusal(bound);
  ASSERT_TRUE(listener->listen(1));
  const Socket client = make_socket(Domain::kVsock, Type::kStream);
  ASSERT_TRUE(client.connect(listener->local_addr().value()));
  const Socket server = listener->accept().value().first;
  EXPECT_EQ(client.send("x").value(), 1u);
  EXPECT_EQ(received(server), "x");
}

TEST(SO3, NamesAndShutdown) {
  const auto [client, server] = connected_sockets();
  EXPECT_EQ(client.local_addr().value(), server.peer_addr().value());
  EXPECT_EQ(tcp_socket().peer_addr().error(), std::errc::not_connected);
  EXPECT_TRUE(client.shutdown(Shutdown::kWrite));
  EXPECT_EQ(received(server), "");
  EXPECT_EQ(client.send("x").error(), std::errc::broken_pipe);
  EXPECT_TRUE(server.shutdown(Shutdown::kBoth));
  EXPECT_EQ(tcp_socket().shutdown(Shutdown::kRead).error(), std::errc::not_connected);
}

TEST(SO3, ACloneIsTheSameSocket) {
  const Socket socket = tcp_socket();
  const Socket clone = socket.try_clone().value();
  EXPECT_NE(clone.raw(), socket.raw());
  EXPECT_TRUE(clone.set_nonblocking(true));
  EXPECT_TRUE(is_nonblocking(socket));
}

TEST(S33, OnlyAListenerIsOne) {
  const Socket socket = bound_socket(Type::kStream);
  EXPECT_FALSE(socket.is_listener().value());
  ASSERT_TRUE(socket.listen(1));
  EXPECT_TRUE(socket.is_listener().value());
}

TEST(S34, TheDomainReadsBack) {
  for (const Domain domain : {Domain::kIpv4, Domain::kIpv6, Domain::kUnix}) {
    EXPECT_EQ(make_socket(domain, Type::kStream).domain().value(), domain);
  }
}

TEST(S35, TheProtocolReadsBack) {
  EXPECT_EQ(make_socket(Domain::kUnix, Type::kStream).protocol().value(), std::nullopt);
  EXPECT_EQ(tcp_socket().protocol().value(), Protocol::kTcp);
  EXPECT_EQ(udp_socket().protocol().value(), Protocol::kUdp);
  const Result<Socket> multipath = Socket::create(Domain::kIpv4, Type::kStream, Protocol::kMptcp);
  if (refused(multipath)) GTEST_SKIP() << refusal(multipath);
  EXPECT_EQ(multipath->protocol().value(), Protocol::kMptcp);
}

TEST(S36, TheTypeReadsBackWithoutModifiers) {
  for (const Type type : {Type::kStream, Type::kDgram, Type::kSeqpacket}) {
    EXPECT_EQ(make_socket(Domain::kUnix, type.nonblocking()).type().value(), type);
  }
}

TEST(S46, TheCookieStays) {
  const Socket one = tcp_socket();
  const Socket two = tcp_socket();
  const std::uint64_t cookie = one.cookie().value();
  EXPECT_EQ(one.cookie().value(), cookie);
  EXPECT_NE(two.cookie().value(), cookie);
}

TEST(S50, ASockRefSetsOnWhatItBorrowsAndDoesNotClose) {
  const std::size_t before = open_fd_count();
  const Socket owner = tcp_socket();
  {
    SockRef ref(owner);
    EXPECT_TRUE(ref->set_tcp_nodelay(true));
    EXPECT_EQ((*ref).raw(), owner.raw());
    const SockRef by_number(owner.as_fd());
    EXPECT_TRUE(by_number->tcp_nodelay().value());
  }
  EXPECT_TRUE(owner.tcp_nodelay().value());
  EXPECT_EQ(open_fd_count(), before + 1);
}

TEST(SK6, ASockRefOfWhatIsNoSocketGivesTheKernelsAnswer) {
  const auto [reader, writer] = test_support::pipe_pair();
  EXPECT_EQ(SockRef(reader.borrow())->broadcast().error(), std::errc::not_a_socket);
}

TEST(SK6, ASockRefOfANegativeNumberIsFatal) {
  EXPECT_DEATH(SockRef(BorrowedFd(-1)), "a negative number is no descriptor");
}

}  // namespace
}  // namespace weft::net
