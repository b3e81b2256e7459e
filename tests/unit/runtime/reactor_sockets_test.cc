// What the kernel's sockets and pipes do under the reactor: the facts that net relies on.

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <span>
#include <string_view>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <tests/support/raw_sockets.h>
#include <tests/unit/runtime/reactor_support.h>
#include <weft/base/sys.h>

namespace weft::runtime::reactor {
namespace {

using test_support::pipe_pair;
using test_support::read_text;
using test_support::tcp_pair;
using test_support::udp_socket;
using test_support::write_text;

// Until it fails; a peer that is gone must not be written to for ever.
Error error_of_writing(BorrowedFd fd) {
  for (int i = 0; i < 1000; ++i) {
    const Result<std::size_t> written = sys::send(fd, std::as_bytes(std::span("x", 1)), 0);
    if (!written) return written.error();
  }
  return Errc::other;
}

WEFT_ON_EACH_SELECTOR(M48);
WEFT_ON_EACH_SELECTOR(M49);
WEFT_ON_EACH_SELECTOR(M51);
WEFT_ON_EACH_SELECTOR(ME7);

TEST(M33, APeekTakesNothingAndAVectoredReadTouchesNoMore) {
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(write_text(client, "abc"));
  std::array<char, 8> first;
  first.fill('#');
  EXPECT_EQ(sys::recv(server, std::as_writable_bytes(std::span(first)), MSG_PEEK), 3u);
  std::array<char, 2> one;
  std::array<char, 8> two;
  two.fill('#');
  const std::array<::iovec, 2> slices{::iovec{one.data(), one.size()},
                                      ::iovec{two.data(), two.size()}};
  EXPECT_EQ(sys::readv(server, slices), 3u);
  EXPECT_EQ(two[0], 'c');
  EXPECT_EQ(two[1], '#');
  int error = -1;
  ::socklen_t size = sizeof error;
  ASSERT_TRUE(sys::getsockopt(server, SOL_SOCKET, SO_ERROR, &error, &size));
  EXPECT_EQ(error, 0);
}

TEST(M33, SocketsAreNonBlockingAndCloseOnExec) {
  const auto [client, server] = tcp_pair();
  for (const OwnedFd* end : {&client, &server}) {
    EXPECT_TRUE(*sys::get_status_flags(*end) & O_NONBLOCK);
    EXPECT_EQ(sys::get_fd_flags(*end), FD_CLOEXEC);
  }
}

TEST(M35, WritingOnToAPeerThatIsGoneEnds) {
  auto [client, server] = tcp_pair();
  server = OwnedFd();
  const Error error = error_of_writing(client);
  EXPECT_TRUE(error == std::errc::broken_pipe || error == std::errc::connection_reset) << error;
}

TEST(M39, AfterTheEndOfWritingOnlyReadsWork) {
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(sys::shutdown(client, SHUT_WR));
  EXPECT_EQ(error_of_writing(client), std::errc::broken_pipe);
  ASSERT_TRUE(write_text(server, "still"));
  EXPECT_EQ(*read_text(client), "still");
}

TEST(M40, AfterTheEndOfBothDirectionsWritesFail) {
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(sys::shutdown(client, SHUT_RDWR));
  EXPECT_EQ(error_of_writing(client), std::errc::broken_pipe);
}

// An address as the calls of sockets take it.
struct Address {
  ::sockaddr_storage storage{};
  ::socklen_t size = sizeof storage;
  ::sockaddr* get() { return reinterpret_cast<::sockaddr*>(&storage); }
};

Address address_of(BorrowedFd fd) {
  Address address;
  EXPECT_TRUE(sys::getsockname(fd, address.get(), &address.size));
  return address;
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

TYPED_TEST(M48, UdpWithoutAPeerReceivesButDoesNotSend) {
  TestPoll<TypeParam> poll;
  const OwnedFd receiver = udp_socket();
  const OwnedFd sender = udp_socket();
  ASSERT_TRUE(poll.add(receiver, 1, Interest::kReadable));
  EXPECT_EQ(sys::send(receiver, bytes_of("x"), 0).error(), std::errc::destination_address_required);
  Address to = address_of(receiver);
  ASSERT_TRUE(sys::sendto(sender, bytes_of("hello"), 0, to.get(), to.size));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_EQ(*read_text(receiver), "hello");
}

TYPED_TEST(M49, UdpWithAPeerDropsWhatOthersSend) {
  TestPoll<TypeParam> poll;
  const OwnedFd receiver = udp_socket();
  const OwnedFd first = udp_socket();
  const OwnedFd second = udp_socket();
  Address to = address_of(receiver);
  const auto send = [&to](BorrowedFd from, std::string_view text) {
    ASSERT_TRUE(sys::sendto(from, bytes_of(text), 0, to.get(), to.size));
  };
  Address peer = address_of(first);
  ASSERT_TRUE(sys::connect(receiver, peer.get(), peer.size));
  ASSERT_TRUE(poll.add(receiver, 1, Interest::kReadable));
  send(second, "other");
  EXPECT_TRUE(poll.now().empty());
  send(first, "one");
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_EQ(*read_text(receiver), "one");
  EXPECT_EQ(read_text(receiver).error(), std::errc::operation_would_block);

  peer = address_of(second);
  ASSERT_TRUE(sys::connect(receiver, peer.get(), peer.size));
  send(first, "one");
  send(second, "two");
  EXPECT_EQ(*read_text(receiver), "two");
  EXPECT_EQ(read_text(receiver).error(), std::errc::operation_would_block);
}

TYPED_TEST(M51, AnAbstractNameIsTheListenersAndItsPeersHaveNone) {
  TestPoll<TypeParam> poll;
  constexpr int kFlags = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  HolderSource listener(Holder{sys::socket(AF_UNIX, kFlags, 0).value()});
  const OwnedFd client = sys::socket(AF_UNIX, kFlags, 0).value();
  // Bound to no name, a socket gets an abstract one that nobody has.
  ::sockaddr_un unnamed{};
  unnamed.sun_family = AF_UNIX;
  ASSERT_TRUE(sys::bind(listener.get().fd, reinterpret_cast<::sockaddr*>(&unnamed),
                        sizeof unnamed.sun_family));
  Address name = address_of(listener.get().fd);
  ASSERT_GT(name.size, sizeof(::sa_family_t));
  EXPECT_EQ(reinterpret_cast<const ::sockaddr_un&>(name.storage).sun_path[0], '\0');
  ASSERT_TRUE(sys::listen(listener.get().fd, SOMAXCONN));
  ASSERT_TRUE(poll.registry().register_source(listener, Token{1}, Interest::kReadable));
  ASSERT_TRUE(sys::connect(client, name.get(), name.size));
  EXPECT_TRUE(poll.wait_readable(1));
  Address peer;
  const auto accept = [&peer](Holder& holder) {
    return sys::accept4(holder.fd, peer.get(), &peer.size, SOCK_CLOEXEC);
  };
  const Result<OwnedFd> accepted = listener.do_io(accept);
  ASSERT_TRUE(accepted);
  EXPECT_EQ(peer.size, sizeof(::sa_family_t));
  EXPECT_EQ(listener.do_io(accept).error(), std::errc::operation_would_block);
  EXPECT_TRUE(poll.now().empty());
}

int option_of(BorrowedFd fd, int level, int name) {
  int value = -1;
  ::socklen_t size = sizeof value;
  EXPECT_TRUE(sys::getsockopt(fd, level, name, &value, &size));
  return value;
}

TEST(M54, OptionsAreReadBack) {
  const auto [client, server] = tcp_pair();
  const OwnedFd udp = udp_socket();
  const struct {
    BorrowedFd fd;
    int level;
    int name;
    int before;
    int set;
  } options[] = {{client, IPPROTO_IP, IP_TTL, 64, 7},
                 {client, IPPROTO_TCP, TCP_NODELAY, 0, 1},
                 {udp, SOL_SOCKET, SO_BROADCAST, 0, 1},
                 {udp, IPPROTO_IP, IP_MULTICAST_LOOP, 1, 0},
                 {udp, IPPROTO_IP, IP_MULTICAST_TTL, 1, 9}};
  for (const auto& option : options) {
    const int before = option_of(option.fd, option.level, option.name);
    if (option.name != IP_TTL || option.level != IPPROTO_IP) {
      EXPECT_EQ(before, option.before) << option.name;  // the time to live is the machine's to say
    }
    EXPECT_NE(before, option.set) << option.name;
    ASSERT_TRUE(sys::setsockopt(option.fd, option.level, option.name, &option.set, sizeof(int)));
    EXPECT_EQ(option_of(option.fd, option.level, option.name), option.set) << option.name;
  }
}

TEST(M45, ABoundAddressIsTaken) {
  const OwnedFd udp = udp_socket();
  Address address = address_of(udp);
  const OwnedFd another = sys::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0).value();
  EXPECT_EQ(sys::bind(another, address.get(), address.size).error(), std::errc::address_in_use);
}

TYPED_TEST(ME7, SourcesSurviveTheirPoll) {
  const auto [reader, writer] = pipe_pair();
  {
    TestPoll<TypeParam> poll;
    ASSERT_TRUE(poll.add(reader, 1, Interest::kReadable));
  }
  ASSERT_TRUE(write_text(writer, "x"));
  EXPECT_EQ(*read_text(reader), "x");
  TestPoll<TypeParam> another;
  EXPECT_TRUE(another.add(reader, 1, Interest::kReadable));  // the registration has ended
}

}  // namespace
}  // namespace weft::runtime::reactor
