// What the kernel's sockets and pipes do under the reactor: the facts that net relies on.

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <span>
#include <sys/socket.h>
#include <sys/uio.h>
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
using test_support::write_text;

// Until it fails; a peer that is gone must not be written to for ever.
Error error_of_writing(BorrowedFd fd) {
  for (int i = 0; i < 1000; ++i) {
    const Result<std::size_t> written = sys::send(fd, std::as_bytes(std::span("x", 1)), 0);
    if (!written) return written.error();
  }
  return Errc::other;
}

TEST(M32, PipeEndsMadeElsewhereCanBeMadeNonBlocking) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const OwnedFd reader(ends[0]);
  const OwnedFd writer(ends[1]);
  for (const OwnedFd* end : {&reader, &writer}) {
    ASSERT_TRUE(sys::set_status_flags(*end, *sys::get_status_flags(*end) | O_NONBLOCK));
  }
  TestPoll poll;
  ASSERT_TRUE(poll.add(reader, 1, Interest::kReadable));
  EXPECT_EQ(read_text(reader).error(), std::errc::operation_would_block);
  ASSERT_TRUE(write_text(writer, "x"));
  EXPECT_TRUE(poll.wait_readable(1));
}

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

TEST(ME7, SourcesSurviveTheirPoll) {
  const auto [reader, writer] = pipe_pair();
  {
    TestPoll poll;
    ASSERT_TRUE(poll.add(reader, 1, Interest::kReadable));
  }
  ASSERT_TRUE(write_text(writer, "x"));
  EXPECT_EQ(*read_text(reader), "x");
  TestPoll another;
  EXPECT_TRUE(another.add(reader, 1, Interest::kReadable));  // the registration has ended
}

}  // namespace
}  // namespace weft::runtime::reactor
