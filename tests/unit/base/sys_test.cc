// weft::sys against the real kernel: arguments arrive, answers come back, descriptors are owned.

#include <weft/base/sys.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <semaphore.h>
#include <span>
#include <string>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

namespace sys = weft::sys;
using weft::BorrowedFd;
using weft::OwnedFd;
using weft::Result;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}
template <std::size_t N>
std::string_view text_of(const std::array<std::byte, N>& room, std::size_t size) {
  return {reinterpret_cast<const char*>(room.data()), size};
}

using Room = std::array<std::byte, 64>;

sys::Ends stream_pair() {
  return sys::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0).value();
}

TEST(Sys, PipeCarriesBytes) {
  auto [reader, writer] = sys::pipe2(O_CLOEXEC | O_NONBLOCK).value();
  Room room;
  EXPECT_EQ(sys::read(reader, room).error(), std::errc::operation_would_block);
  EXPECT_EQ(sys::write(writer, bytes_of("hello")), 5u);
  EXPECT_EQ(sys::read(reader, room), 5u);
  EXPECT_EQ(text_of(room, 5), "hello");
  ASSERT_TRUE(writer.close().has_value());
  EXPECT_EQ(sys::read(reader, room), 0u);
}

TEST(Sys, VectorsGatherAndScatter) {
  auto [reader, writer] = sys::pipe2(O_CLOEXEC).value();
  char a[] = "ab";
  char b[] = "cde";
  const std::array<::iovec, 2> out = {::iovec{a, 2}, ::iovec{b, 3}};
  EXPECT_EQ(sys::writev(writer, out), 5u);
  char x[4] = {};
  char y[4] = {};
  const std::array<::iovec, 2> in = {::iovec{x, 1}, ::iovec{y, 4}};
  EXPECT_EQ(sys::readv(reader, in), 5u);
  EXPECT_EQ(std::string_view(x, 1), "a");
  EXPECT_EQ(std::string_view(y, 4), "bcde");
}

TEST(Sys, SocketPairSendsAndReceives) {
  auto [a, b] = stream_pair();
  Room room;
  EXPECT_EQ(sys::send(a, bytes_of("one"), 0), 3u);
  EXPECT_EQ(sys::recv(b, room, MSG_PEEK), 3u);
  EXPECT_EQ(sys::recv(b, room, 0), 3u);
  EXPECT_EQ(text_of(room, 3), "one");
  EXPECT_EQ(sys::recv(b, room, 0).error(), std::errc::operation_would_block);
}

// With the default action SIGPIPE would end the test.
TEST(Sys, SendToAClosedPeerIsAnErrorNotASignal) {
  auto [a, b] = stream_pair();
  ASSERT_TRUE(b.close().has_value());
  EXPECT_EQ(sys::send(a, bytes_of("x"), 0).error(), std::errc::broken_pipe);
  ::msghdr message{};
  EXPECT_EQ(sys::sendmsg(a, message, 0).error(), std::errc::broken_pipe);
}

TEST(Sys, MessagesCarrySlices) {
  auto [a, b] = stream_pair();
  char text[] = "message";
  ::iovec out{text, 7};
  ::msghdr sent{};
  sent.msg_iov = &out;
  sent.msg_iovlen = 1;
  EXPECT_EQ(sys::sendmsg(a, sent, 0), 7u);
  Room room;
  ::iovec in{room.data(), 4};
  ::msghdr received{};
  received.msg_iov = &in;
  received.msg_iovlen = 1;
  EXPECT_EQ(sys::recvmsg(b, received, 0), 4u);
  EXPECT_EQ(text_of(room, 4), "mess");
}

::sockaddr_in loopback(in_port_t port = 0) {
  ::sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = port;
  return address;
}
::sockaddr* raw(::sockaddr_in& address) { return reinterpret_cast<::sockaddr*>(&address); }

OwnedFd bound(int type) {
  OwnedFd fd = sys::socket(AF_INET, type | SOCK_CLOEXEC, 0).value();
  ::sockaddr_in address = loopback();
  EXPECT_TRUE(sys::bind(fd, raw(address), sizeof address).has_value());
  return fd;
}

::sockaddr_in name_of(BorrowedFd fd) {
  ::sockaddr_in address{};
  ::socklen_t size = sizeof address;
  EXPECT_TRUE(sys::getsockname(fd, raw(address), &size).has_value());
  EXPECT_EQ(size, sizeof address);
  return address;
}

TEST(Sys, TcpConnects) {
  const OwnedFd listener = bound(SOCK_STREAM);
  ASSERT_TRUE(sys::listen(listener, 16).has_value());
  ::sockaddr_in there = name_of(listener);
  const OwnedFd client = sys::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0).value();
  ASSERT_TRUE(sys::connect(client, raw(there), sizeof there).has_value());
  ::sockaddr_in peer{};
  ::socklen_t size = sizeof peer;
  const Result<OwnedFd> accepted = sys::accept4(listener, raw(peer), &size, SOCK_CLOEXEC);
  ASSERT_TRUE(accepted.has_value());
  EXPECT_EQ(peer.sin_port, name_of(client).sin_port);
  ::sockaddr_in remote{};
  size = sizeof remote;
  ASSERT_TRUE(sys::getpeername(client, raw(remote), &size).has_value());
  EXPECT_EQ(remote.sin_port, there.sin_port);
  EXPECT_EQ(sys::get_fd_flags(*accepted), FD_CLOEXEC);

  ASSERT_TRUE(sys::shutdown(client, SHUT_WR).has_value());
  Room room;
  EXPECT_EQ(sys::recv(*accepted, room, 0), 0u);
}

TEST(Sys, SocketOptionsReadBack) {
  const OwnedFd fd = sys::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0).value();
  const int on = 1;
  ASSERT_TRUE(sys::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on).has_value());
  int value = 0;
  ::socklen_t size = sizeof value;
  ASSERT_TRUE(sys::getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &size).has_value());
  EXPECT_EQ(value, 1);
  EXPECT_EQ(size, sizeof value);
}

TEST(Sys, DatagramsCarryAddresses) {
  const OwnedFd a = bound(SOCK_DGRAM);
  const OwnedFd b = bound(SOCK_DGRAM);
  ::sockaddr_in to = name_of(b);
  EXPECT_EQ(sys::sendto(a, bytes_of("datagram"), 0, raw(to), sizeof to), 8u);
  Room room;
  ::sockaddr_in from{};
  ::socklen_t size = sizeof from;
  EXPECT_EQ(sys::recvfrom(b, room, 0, raw(from), &size), 8u);
  EXPECT_EQ(text_of(room, 8), "datagram");
  EXPECT_EQ(from.sin_port, name_of(a).sin_port);
}

TEST(Sys, ErrorsOfTheKernelComeBack) {
  auto [a, b] = stream_pair();
  EXPECT_EQ(sys::listen(a, 1).error(), std::errc::invalid_argument);
  EXPECT_EQ(sys::accept4(a, nullptr, nullptr, 0).error(), std::errc::invalid_argument);
  EXPECT_EQ(sys::socket(AF_UNIX, 9999, 0).error(), std::errc::invalid_argument);
  EXPECT_EQ(sys::close(1 << 20).error(), std::errc::bad_file_descriptor);
  EXPECT_EQ(sys::clock_gettime(9999).error(), std::errc::invalid_argument);
}

TEST(Sys, FlagsOfDescriptors) {
  const OwnedFd fd = sys::eventfd(0, EFD_CLOEXEC).value();
  EXPECT_EQ(sys::get_fd_flags(fd), FD_CLOEXEC);
  ASSERT_TRUE(sys::set_fd_flags(fd, 0).has_value());
  EXPECT_EQ(sys::get_fd_flags(fd), 0);
  const int status = sys::get_status_flags(fd).value();
  EXPECT_EQ(status & O_NONBLOCK, 0);
  ASSERT_TRUE(sys::set_status_flags(fd, status | O_NONBLOCK).has_value());
  EXPECT_EQ(sys::get_status_flags(fd).value() & O_NONBLOCK, O_NONBLOCK);
  EXPECT_EQ(sys::fcntl(fd, F_GETFD), 0);
}

TEST(Sys, DuplicateTakesTheLeastFreeNumberFromAMinimum) {
  const OwnedFd fd = sys::eventfd(0, EFD_CLOEXEC).value();
  const Result<OwnedFd> high = sys::dupfd_cloexec(fd, 500);
  ASSERT_TRUE(high.has_value());
  EXPECT_GE(high->raw(), 500);
  EXPECT_EQ(sys::get_fd_flags(*high), FD_CLOEXEC);
}

// epoll_event is packed: its data is copied out, not referred to.
std::uint64_t data_of(const ::epoll_event& event) { return event.data.u64; }

TEST(Sys, EpollReportsWhatIsReady) {
  const OwnedFd epoll = sys::epoll_create1(EPOLL_CLOEXEC).value();
  const OwnedFd event = sys::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK).value();
  ::epoll_event interest{};
  interest.events = EPOLLIN;
  interest.data.u64 = 42;
  ASSERT_TRUE(sys::epoll_ctl(epoll, EPOLL_CTL_ADD, event, &interest).has_value());
  std::array<::epoll_event, 4> events;
  EXPECT_EQ(sys::epoll_wait(epoll, events, -1), 1u);
  EXPECT_EQ(data_of(events[0]), 42u);
  events = {};
  EXPECT_EQ(sys::epoll_pwait2(epoll, events, nullptr), 1u);
  EXPECT_EQ(data_of(events[0]), 42u);
  ASSERT_TRUE(sys::epoll_ctl(epoll, EPOLL_CTL_DEL, event, nullptr).has_value());
  EXPECT_EQ(sys::epoll_wait(epoll, events, 0), 0u);
  const ::timespec now{};
  EXPECT_EQ(sys::epoll_pwait2(epoll, events, &now), 0u);
}

TEST(Sys, PollReportsWhatIsReady) {
  const OwnedFd event = sys::eventfd(1, EFD_CLOEXEC).value();
  std::array<::pollfd, 1> fds = {::pollfd{event.raw(), POLLIN, 0}};
  EXPECT_EQ(sys::poll(fds, -1), 1u);
  EXPECT_EQ(fds[0].revents, POLLIN);
}

TEST(Sys, TimerExpiresAtItsTime) {
  const OwnedFd timer = sys::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK).value();
  Room room;
  EXPECT_EQ(sys::read(timer, room).error(), std::errc::operation_would_block);
  // An absolute time that has passed: expired as soon as it is set.
  ::itimerspec past{};
  past.it_value.tv_nsec = 1;
  ASSERT_TRUE(sys::timerfd_settime(timer, TFD_TIMER_ABSTIME, past).has_value());
  EXPECT_EQ(sys::read(timer, room), 8u);
}

TEST(Sys, ClockMovesForward) {
  const ::timespec a = sys::clock_gettime(CLOCK_MONOTONIC).value();
  const ::timespec b = sys::clock_gettime(CLOCK_MONOTONIC).value();
  EXPECT_TRUE(a.tv_sec < b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec <= b.tv_nsec));
  EXPECT_GT(a.tv_sec + a.tv_nsec, 0);
}

void* set_flag(void* flag) {
  *static_cast<int*>(flag) = 7;
  return nullptr;
}
void* post(void* semaphore) {
  ::sem_post(static_cast<::sem_t*>(semaphore));
  return nullptr;
}

TEST(Sys, ThreadsStartAndJoin) {
  int flag = 0;
  const Result<::pthread_t> thread = sys::pthread_create(nullptr, set_flag, &flag);
  ASSERT_TRUE(thread.has_value());
  ASSERT_TRUE(sys::pthread_join(*thread).has_value());
  EXPECT_EQ(flag, 7);
}

TEST(Sys, ThreadsDetach) {
  // static: the detached thread may still be inside sem_post when the test is over.
  static ::sem_t semaphore;
  ASSERT_EQ(::sem_init(&semaphore, 0, 0), 0);
  const Result<::pthread_t> thread = sys::pthread_create(nullptr, post, &semaphore);
  ASSERT_TRUE(thread.has_value());
  ASSERT_TRUE(sys::pthread_detach(*thread).has_value());
  while (::sem_wait(&semaphore) != 0 && errno == EINTR) {
  }
}

TEST(Sys, ThreadNamesAreLimited) {
  char before[16] = {};
  ASSERT_EQ(::pthread_getname_np(::pthread_self(), before, sizeof before), 0);
  EXPECT_TRUE(sys::pthread_setname_np(::pthread_self(), "fifteen-bytes-x").has_value());
  char name[16] = {};
  ASSERT_EQ(::pthread_getname_np(::pthread_self(), name, sizeof name), 0);
  EXPECT_STREQ(name, "fifteen-bytes-x");
  EXPECT_EQ(sys::pthread_setname_np(::pthread_self(), "sixteen-bytes-xy").error(),
            std::errc::result_out_of_range);
  EXPECT_TRUE(sys::pthread_setname_np(::pthread_self(), before).has_value());
  sys::sched_yield();
}

volatile std::sig_atomic_t g_signals = 0;

TEST(Sys, SignalActionIsSetAndRestored) {
  struct ::sigaction action{};
  action.sa_handler = [](int) { g_signals = g_signals + 1; };
  struct ::sigaction before{};
  g_signals = 0;
  ASSERT_TRUE(sys::sigaction(SIGUSR2, &action, &before).has_value());
  ASSERT_EQ(::raise(SIGUSR2), 0);
  EXPECT_EQ(g_signals, 1);
  struct ::sigaction mine{};
  ASSERT_TRUE(sys::sigaction(SIGUSR2, &before, &mine).has_value());
  EXPECT_EQ(mine.sa_handler, action.sa_handler);
}

TEST(Sys, RandomBytesFillTheSpan) {
  std::array<std::byte, 256> a{};
  std::array<std::byte, 256> b{};
  EXPECT_EQ(sys::getrandom(a, 0), a.size());
  EXPECT_EQ(sys::getrandom(b, 0), b.size());
  EXPECT_NE(a, b);
}

TEST(Sys, ParallelismIsAtLeastOne) {
  const std::optional<std::size_t> count = sys::available_parallelism();
  ASSERT_TRUE(count.has_value());
  EXPECT_GE(*count, 1u);
}

TEST(Sys, NothingLeaks) {
  const int first_free = sys::eventfd(0, EFD_CLOEXEC).value().raw();
  {
    auto ends = sys::pipe2(O_CLOEXEC).value();
    auto pair = stream_pair();
    const OwnedFd listener = bound(SOCK_STREAM);
    const OwnedFd copy = listener.try_clone().value();
    const OwnedFd epoll = sys::epoll_create1(EPOLL_CLOEXEC).value();
    const OwnedFd timer = sys::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC).value();
  }
  EXPECT_EQ(sys::eventfd(0, EFD_CLOEXEC).value().raw(), first_free);
}

}  // namespace
