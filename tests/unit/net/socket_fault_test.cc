// net::Socket when system calls fail, are interrupted, or answer what they should not.

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <limits>
#include <netinet/tcp.h>
#include <optional>
#include <poll.h>
#include <span>
#include <string>
#include <sys/socket.h>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/raw_sockets.h>
#include <tests/unit/net/socket_support.h>
#include <weft/base/sys_table.h>
#include <weft/net/socket/msg_hdr.h>
#include <weft/net/socket/socket.h>

namespace weft::net {
namespace {

using namespace std::chrono_literals;
using io::IoSlice;
using io::IoSliceMut;
using test_support::open_fd_count;

// What the replaced calls do: the call number g_failing fails with g_errno, the others work.
thread_local int g_calls = 0;
thread_local int g_failing = 0;
thread_local int g_errno = 0;

// Whether this is the call that is to fail; counts it.
bool fails() {
  const bool failing = g_calls++ == g_failing;
  if (failing) errno = g_errno;
  return failing;
}

void fail_at(int call, int number) {
  g_calls = 0;
  g_failing = call;
  g_errno = number;
}

sys::Table failing_transfers() {
  sys::Table table;
  table.recv = [](int fd, void* out, std::size_t size, int flags) {
    return fails() ? -1 : ::recv(fd, out, size, flags);
  };
  table.send = [](int fd, const void* in, std::size_t size, int flags) {
    return fails() ? -1 : ::send(fd, in, size, flags);
  };
  table.recvfrom = [](int fd, void* out, std::size_t size, int flags, ::sockaddr* from,
                      ::socklen_t* from_size) {
    return fails() ? -1 : ::recvfrom(fd, out, size, flags, from, from_size);
  };
  table.sendto = [](int fd, const void* in, std::size_t size, int flags, const ::sockaddr* to,
                    ::socklen_t to_size) {
    return fails() ? -1 : ::sendto(fd, in, size, flags, to, to_size);
  };
  table.recvmsg = [](int fd, ::msghdr* message, int flags) {
    return fails() ? -1 : ::recvmsg(fd, message, flags);
  };
  table.sendmsg = [](int fd, const ::msghdr* message, int flags) {
    return fails() ? -1 : ::sendmsg(fd, message, flags);
  };
  table.sendfile_at = [](int, int, ::off_t*, std::size_t) -> ::ssize_t { return fails() ? -1 : 0; };
  table.accept4 = [](int, ::sockaddr*, ::socklen_t*, int) { return fails() ? -1 : -1; };
  table.connect = [](int, const ::sockaddr*, ::socklen_t) { return fails() ? -1 : 0; };
  return table;
}

template <class T>
std::optional<Error> error_of(const Result<T>& result) {
  return result ? std::nullopt : std::optional<Error>(result.error());
}

TEST(SC6, AnInterruptedCallIsReportedAndNotRepeated) {
  const Socket socket = udp_socket();
  const SockAddr to = any_port();
  char room[4];
  IoSliceMut in[] = {std::span<char>(room)};
  const IoSlice out[] = {IoSlice("x")};
  MsgHdrMut message;
  const std::vector<std::function<std::optional<Error>()>> calls = {
      [&] { return error_of(socket.recv(std::span<char>(room))); },
      [&] { return error_of(socket.recv_from(std::span<char>(room))); },
      [&] { return error_of(socket.peek_sender()); },
      [&] { return error_of(socket.recv_vectored(std::span<IoSliceMut>(in))); },
      [&] { return error_of(socket.recv_from_vectored(std::span<IoSliceMut>(in))); },
      [&] { return error_of(socket.recvmsg(message, 0)); },
      [&] { return error_of(socket.send("x")); },
      [&] { return error_of(socket.send_to("x", to)); },
      [&] { return error_of(socket.send_vectored(out)); },
      [&] { return error_of(socket.send_to_vectored(out, to)); },
      [&] { return error_of(socket.sendfile(socket.as_fd(), 0)); },
      [&] { return error_of(socket.accept()); },
      [&] { return error_of(socket.connect(to)); },
  };
  const sys::Table table = failing_transfers();
  const sys::TableScope scope(table);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    SCOPED_TRACE(i);
    fail_at(0, EINTR);
    EXPECT_EQ(calls[i](), Error(std::errc::interrupted));
    EXPECT_EQ(g_calls, 1);
  }
}

TEST(SC1, AFailedCallLeavesTheErrnoAsItIs) {
  const Socket socket = udp_socket();
  const sys::Table table = failing_transfers();
  const sys::TableScope scope(table);
  for (const int number : {EAGAIN, ENOBUFS, 4095}) {
    fail_at(0, number);
    EXPECT_EQ(socket.send("x").error(), Error::from_errno(number));
    fail_at(0, number);
    EXPECT_EQ(socket.accept().error(), Error::from_errno(number));
  }
}

TEST(SC1, AModeThatIsRightIsNotSetAgain) {
  const Socket socket = udp_socket();
  static thread_local int set_calls = 0;
  set_calls = 0;
  sys::Table table;
  table.fcntl = [](int fd, int command, long argument) {
    if (command == F_SETFL || command == F_SETFD) ++set_calls;
    return ::fcntl(fd, command, argument);
  };
  const sys::TableScope scope(table);
  EXPECT_TRUE(socket.set_nonblocking(false));
  EXPECT_TRUE(socket.set_cloexec(true));
  EXPECT_EQ(set_calls, 0);
  EXPECT_TRUE(socket.set_nonblocking(true));
  EXPECT_TRUE(socket.set_cloexec(false));
  EXPECT_EQ(set_calls, 2);
}

TEST(SC2, SendingMoreSlicesThanTheKernelTakesIsRefused) {
  for (const Type type : {Type::kStream, Type::kDgram, Type::kSeqpacket}) {
    const auto [a, b] = Socket::pair(Domain::kUnix, type).value();
    const std::vector<IoSlice> out(1025, IoSlice("x"));
    EXPECT_EQ(a.send_vectored(out).error(), std::errc::message_size);
    EXPECT_EQ(a.sendmsg(MsgHdr().with_buffers(out), 0).error(), std::errc::message_size);
    std::vector<char> room(1025);
    EXPECT_EQ(b.recv_with_flags(room, MSG_DONTWAIT).error(), std::errc::operation_would_block);
    EXPECT_EQ(a.send_vectored(std::span(out).first(1024)).value(), 1024u);
    EXPECT_EQ(b.recv(room).value(), 1024u);
  }
}

TEST(SC2, SendingThemToAnAddressIsRefused) {
  const Socket receiver = udp_socket();
  const SockAddr to = receiver.local_addr().value();
  const std::vector<IoSlice> out(1025, IoSlice("x"));
  EXPECT_EQ(udp_socket().send_to_vectored(out, to).error(), std::errc::message_size);
}

TEST(SC2, ReceivingFillsTheFirstSlices) {
  const auto [a, b] = Socket::pair(Domain::kUnix, Type::kStream).value();
  EXPECT_EQ(a.send(std::string(1030, 'x')).value(), 1030u);
  std::vector<char> bytes(1030);
  std::vector<IoSliceMut> in;
  for (char& byte : bytes) in.emplace_back(std::span<char>(&byte, 1));
  EXPECT_EQ(b.recv_vectored(std::span<IoSliceMut>(in))->first, 1024u);
}

// A call that writes no address leaves zeros, and one that says it wrote too much is not believed.
TEST(SC3, AddressesAreZeroedAndTheirLengthsChecked) {
  const Socket socket = udp_socket();
  sys::Table table;
  static thread_local ::socklen_t answered = 0;
  table.recvfrom = [](int, void*, std::size_t, int, ::sockaddr* from,
                      ::socklen_t* size) -> ::ssize_t {
    EXPECT_EQ(*size, sizeof(::sockaddr_storage));
    const std::string zeros(*size, '\0');
    EXPECT_EQ(std::memcmp(from, zeros.data(), zeros.size()), 0);
    *size = answered;
    return 1;
  };
  table.getsockname = [](int, ::sockaddr*, ::socklen_t* size) {
    *size = answered;
    return 0;
  };
  const sys::TableScope scope(table);
  char room[4];
  answered = 0;
  EXPECT_EQ(socket.recv_from(std::span<char>(room))->second.size(), 0u);
  EXPECT_EQ(socket.recv_from(std::span<char>(room))->second.as_socket(), std::nullopt);
  answered = 4000;
  EXPECT_EQ(socket.recv_from(std::span<char>(room))->second.size(), sizeof(::sockaddr_storage));
  EXPECT_EQ(socket.local_addr()->size(), sizeof(::sockaddr_storage));
}

TEST(SC3, RecvmsgIsGivenZerosOfFullSizeEachTime) {
  const Socket socket = udp_socket();
  sys::Table table;
  table.recvmsg = [](int, ::msghdr* message, int) -> ::ssize_t {
    EXPECT_EQ(message->msg_namelen, sizeof(::sockaddr_storage));
    const std::string zeros(message->msg_namelen, '\0');
    EXPECT_EQ(std::memcmp(message->msg_name, zeros.data(), zeros.size()), 0);
    std::memset(message->msg_name, 7, 8);
    message->msg_namelen = 8;
    return 1;
  };
  const sys::TableScope scope(table);
  SockAddr from = any_port();
  MsgHdrMut message;
  message.with_addr(from);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(socket.recvmsg(message, 0).value(), 1u);
    EXPECT_EQ(from.size(), 8u);
  }
}

TEST(SC4, AnOptionOfAnotherSizeIsNotLookedAt) {
  const Socket socket = tcp_socket();
  sys::Table table;
  static thread_local ::socklen_t answered = 0;
  table.getsockopt = [](int, int, int, void*, ::socklen_t* size) {
    *size = answered;
    return 0;
  };
  const sys::TableScope scope(table);
  for (answered = 0; answered < 3; ++answered) {
    EXPECT_EQ(socket.tcp_nodelay().error(), Errc::invalid_data);
    EXPECT_EQ(socket.ttl_v4().error(), Errc::invalid_data);
    EXPECT_EQ(socket.linger().error(), Errc::invalid_data);
    EXPECT_EQ(socket.read_timeout().error(), Errc::invalid_data);
    EXPECT_EQ(socket.peer_cred().error(), Errc::invalid_data);
    EXPECT_EQ(socket.cookie().error(), Errc::invalid_data);
    EXPECT_EQ(socket.multicast_if_v4().error(), Errc::invalid_data);
  }
  answered = 4000;
  EXPECT_EQ(socket.tcp_congestion().error(), Errc::invalid_data);
  EXPECT_EQ(socket.device().error(), Errc::invalid_data);
  EXPECT_EQ(socket.dccp_available_ccids<8>().error(), Errc::invalid_data);
  answered = 8;
  EXPECT_TRUE(socket.tcp_info());  // of an older kernel
}

TEST(S52, AConstructorThatFailsLeavesNoDescriptor) {
  const Socket listener = listening_socket();
  ASSERT_TRUE(listener.set_nonblocking(true));
  const std::size_t before = open_fd_count();
  EXPECT_FALSE(Socket::create(Domain::from_raw(12345), Type::kStream));
  EXPECT_FALSE(Socket::create_raw(Domain::kIpv4, Type::from_raw(12345)));
  EXPECT_FALSE(Socket::create(Domain::kIpv4, Type::kStream, Protocol::kUdp));
  EXPECT_FALSE(Socket::pair(Domain::kIpv4, Type::kStream));
  EXPECT_FALSE(Socket::pair_raw(Domain::kIpv4, Type::kStream));
  EXPECT_FALSE(listener.accept());
  EXPECT_FALSE(listener.accept4(~0));
  EXPECT_FALSE(listener.peer_pidfd());
  sys::Table table;
  table.fcntl = [](int, int, long) {
    errno = EMFILE;
    return -1;
  };
  const sys::TableScope scope(table);
  EXPECT_EQ(listener.try_clone().error(), std::errc::too_many_files_open);
  EXPECT_EQ(open_fd_count(), before);
}

// connect_timeout() with each of its calls failing in turn: the error comes out, the mode is what
// it was wherever the failing call was not the one that restores it, and nothing is left open.
TEST(SO4, ConnectTimeoutSurvivesTheFailureOfEachCall) {
  const Socket listener = listening_socket();
  const SockAddr address = listener.local_addr().value();
  sys::Table table;
  table.clock_gettime = [](::clockid_t clock, ::timespec* time) {
    return fails() ? -1 : ::clock_gettime(clock, time);
  };
  table.fcntl = [](int fd, int command, long argument) {
    return fails() ? -1 : ::fcntl(fd, command, argument);
  };
  table.connect = [](int fd, const ::sockaddr* to, ::socklen_t size) {
    return fails() ? -1 : ::connect(fd, to, size);
  };
  table.poll = [](::pollfd* fds, ::nfds_t count, int timeout) {
    return fails() ? -1 : ::poll(fds, count, timeout);
  };
  const std::size_t before = open_fd_count();
  // clock; get, get+set; connect; get+set; clock, poll.
  constexpr int kRestoringGet = 5;
  constexpr int kRestoringSet = 6;
  int failed = 0;
  for (int call = 0;; ++call) {
    const Socket socket = tcp_socket();
    fail_at(call, ENOMEM);
    const Result<void> done = [&] {
      const sys::TableScope scope(table);
      return socket.connect_timeout(address, 30s);
    }();
    if (done) break;
    ++failed;
    EXPECT_EQ(done.error(), std::errc::not_enough_memory) << call;
    const bool restored = call != kRestoringGet && call != kRestoringSet;
    EXPECT_EQ(socket.nonblocking().value(), !restored) << call;
  }
  EXPECT_EQ(failed, 9);
  EXPECT_EQ(open_fd_count(), before);
}

// A clock that is moved by the test, and a poll that waits on it.
struct FakeTime {
  static inline thread_local std::chrono::nanoseconds now{};
  static inline thread_local std::vector<int> waits;
  static inline thread_local int interrupts = 0;

  sys::Table table;
  FakeTime() {
    now = 1000s;
    waits.clear();
    interrupts = 0;
    table.clock_gettime = [](::clockid_t, ::timespec* time) {
      const auto whole = std::chrono::duration_cast<std::chrono::seconds>(now);
      time->tv_sec = whole.count();
      time->tv_nsec = (now - whole).count();
      return 0;
    };
    table.connect = [](int, const ::sockaddr*, ::socklen_t) {
      errno = EINPROGRESS;
      return -1;
    };
    table.poll = [](::pollfd* fds, ::nfds_t, int timeout) {
      EXPECT_EQ(fds->events, POLLIN | POLLOUT);
      waits.push_back(timeout);
      if (interrupts-- > 0) {
        now += 10ms;
        errno = EINTR;
        return -1;
      }
      now += std::chrono::milliseconds(timeout);
      return 0;
    };
  }
};

TEST(SO4, AnInterruptedWaitGoesOnWithTheTimeThatIsLeft) {
  const Socket socket = tcp_socket();
  const FakeTime time;
  const sys::TableScope scope(time.table);
  FakeTime::interrupts = 2;
  EXPECT_EQ(socket.connect_timeout(any_port(), 250ms).error(), std::errc::timed_out);
  EXPECT_EQ(FakeTime::waits, (std::vector{250, 240, 230}));
}

TEST(SO4, AWaitIsAtLeastAMillisecondAndAtMostWhatPollTakes) {
  const Socket socket = tcp_socket();
  const FakeTime time;
  const sys::TableScope scope(time.table);
  EXPECT_EQ(socket.connect_timeout(any_port(), 1us).error(), std::errc::timed_out);
  EXPECT_EQ(FakeTime::waits, (std::vector{1}));
  FakeTime::waits.clear();
  constexpr int kMost = std::numeric_limits<int>::max();
  const auto limit = std::chrono::milliseconds(kMost) + 5ms;
  EXPECT_EQ(socket.connect_timeout(any_port(), limit).error(), std::errc::timed_out);
  EXPECT_EQ(FakeTime::waits, (std::vector{kMost, 5}));
  FakeTime::waits.clear();
  EXPECT_EQ(socket.connect_timeout(any_port(), 0ns).error(), std::errc::timed_out);
  EXPECT_TRUE(FakeTime::waits.empty());
}

TEST(SO4, ABrokenConnectionWithoutAnErrorIsOther) {
  const Socket socket = tcp_socket();
  FakeTime time;
  time.table.poll = [](::pollfd* fds, ::nfds_t, int) {
    fds->revents = POLLHUP;
    return 1;
  };
  const sys::TableScope scope(time.table);
  EXPECT_EQ(socket.connect_timeout(any_port(), 1s).error(), Errc::other);
}

TEST(SO4, AnInterruptedConnectIsWaitedForAndNotRepeated) {
  const Socket socket = tcp_socket();
  FakeTime time;
  static thread_local int connects = 0;
  connects = 0;
  time.table.connect = [](int, const ::sockaddr*, ::socklen_t) {
    ++connects;
    errno = EINTR;
    return -1;
  };
  time.table.poll = [](::pollfd* fds, ::nfds_t, int) {
    fds->revents = POLLOUT;
    return 1;
  };
  const sys::TableScope scope(time.table);
  EXPECT_TRUE(socket.connect_timeout(any_port(), 1s));
  EXPECT_EQ(connects, 1);
}

TEST(SC7, EverySendAsksForNoSignal) {
  const Socket socket = udp_socket();
  const SockAddr to = any_port();
  static thread_local int seen = 0;
  sys::Table table;
  table.send = [](int, const void*, std::size_t, int flags) -> ::ssize_t {
    return seen = flags, 0;
  };
  table.sendto = [](int, const void*, std::size_t, int flags, const ::sockaddr*,
                    ::socklen_t) -> ::ssize_t { return seen = flags, 0; };
  table.sendmsg = [](int, const ::msghdr*, int flags) -> ::ssize_t { return seen = flags, 0; };
  const sys::TableScope scope(table);
  const IoSlice out[] = {IoSlice("x")};
  const std::vector<std::function<void()>> calls = {
      [&] { EXPECT_TRUE(socket.send("x")); },
      [&] { EXPECT_TRUE(socket.send_to("x", to)); },
      [&] { EXPECT_TRUE(socket.send_vectored(out)); },
      [&] { EXPECT_TRUE(socket.send_to_vectored(out, to)); },
      [&] { EXPECT_TRUE(socket.sendmsg(MsgHdr().with_buffers(out), 0)); },
  };
  for (std::size_t i = 0; i < calls.size(); ++i) {
    seen = 0;
    calls[i]();
    EXPECT_EQ(seen, MSG_NOSIGNAL) << i;
  }
  EXPECT_TRUE(socket.send_out_of_band("x"));
  EXPECT_EQ(seen, MSG_NOSIGNAL | MSG_OOB);
}

}  // namespace
}  // namespace weft::net
