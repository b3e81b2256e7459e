// The calls of raw sockets: made once, with errno as it is, and without SIGPIPE.

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <signal.h>
#include <string>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <weft/base/sys.h>
#include <weft/base/sys_socket.h>

namespace {

namespace sys = weft::sys;
using weft::BorrowedFd;
using weft::Error;
using weft::Result;

thread_local int g_calls = 0;
thread_local int g_number = 0;
thread_local int g_flags = 0;

ssize_t fail(int flags) {
  ++g_calls;
  g_flags = flags;
  errno = g_number;
  return -1;
}

sys::Table failing_table() {
  sys::Table table;
  table.recv = [](int, void*, std::size_t, int flags) { return fail(flags); };
  table.send = [](int, const void*, std::size_t, int flags) { return fail(flags); };
  table.recvfrom = [](int, void*, std::size_t, int flags, ::sockaddr*, ::socklen_t*) {
    return fail(flags);
  };
  table.sendto = [](int, const void*, std::size_t, int flags, const ::sockaddr*, ::socklen_t) {
    return fail(flags);
  };
  table.recvmsg = [](int, ::msghdr*, int flags) { return fail(flags); };
  table.sendmsg = [](int, const ::msghdr*, int flags) { return fail(flags); };
  table.sendfile_at = [](int, int, ::off_t*, std::size_t) { return fail(0); };
  return table;
}

using Call = std::function<Result<std::size_t>()>;

const BorrowedFd kFd(0);

std::vector<Call> receiving() {
  return {
      [] { return sys::recv_once(kFd, {}, 0); },
      [] { return sys::recvfrom_once(kFd, {}, 0, nullptr, nullptr); },
      [] {
        ::msghdr message{};
        return sys::recvmsg_once(kFd, message, 0);
      },
      [] { return sys::sendfile_at(kFd, kFd, 0, 1); },
  };
}
std::vector<Call> sending() {
  return {
      [] { return sys::send_once(kFd, {}, 0); },
      [] { return sys::sendto_once(kFd, {}, 0, nullptr, 0); },
      [] { return sys::sendmsg_once(kFd, ::msghdr{}, 0); },
  };
}

TEST(SysSocket, EveryCallIsMadeOnceAndReportsItsErrno) {
  const sys::Table table = failing_table();
  const sys::TableScope scope(table);
  for (const auto& list : {receiving(), sending()}) {
    for (const Call& call : list) {
      for (const int number : {EINTR, EAGAIN, ENOMEM}) {
        g_calls = 0;
        g_number = number;
        const Result<std::size_t> result = call();
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error(), Error::from_errno(number));
        EXPECT_EQ(g_calls, 1);
      }
    }
  }
}

TEST(SysSocket, SendingAsksForNoSignalAndReceivingDoesNot) {
  const sys::Table table = failing_table();
  const sys::TableScope scope(table);
  for (const Call& call : sending()) {
    EXPECT_FALSE(call());
    EXPECT_EQ(g_flags, MSG_NOSIGNAL);
  }
  for (const Call& call : receiving()) {
    EXPECT_FALSE(call());
    EXPECT_EQ(g_flags, 0);
  }
}

bool is_blocked(int signal) {
  ::sigset_t mask;
  EXPECT_EQ(::pthread_sigmask(SIG_BLOCK, nullptr, &mask), 0);
  return sigismember(&mask, signal) == 1;
}

bool is_pending(int signal) {
  ::sigset_t pending;
  EXPECT_EQ(::sigpending(&pending), 0);
  return sigismember(&pending, signal) == 1;
}

// A file of three bytes, and a socket whose peer is gone.
class SysSendfile : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_GE(std::fputs("abc", file_), 0);
    ASSERT_EQ(std::fflush(file_), 0);
    ends_ = *sys::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  }
  void TearDown() override {
    std::fclose(file_);
    ::signal(SIGPIPE, before_);
  }
  Result<std::size_t> send(std::uint64_t offset, std::size_t count) {
    return sys::sendfile_at(ends_.first, BorrowedFd(::fileno(file_)), offset, count);
  }

  std::FILE* const file_ = std::tmpfile();
  void (*const before_)(int) = ::signal(SIGPIPE, SIG_DFL);
  sys::Ends ends_;
};

TEST_F(SysSendfile, SendsFromTheOffset) {
  EXPECT_EQ(*send(1, 10), 2u);
  std::byte room[8];
  EXPECT_EQ(*sys::recv_once(ends_.second, room, 0), 2u);
  EXPECT_EQ(static_cast<char>(room[0]), 'b');
  EXPECT_EQ(*send(3, 10), 0u);
  EXPECT_EQ(send(~std::uint64_t{0}, 1).error(), std::errc::invalid_argument);
}

TEST_F(SysSendfile, ABrokenPipeIsAnErrorAndNoSignal) {
  EXPECT_TRUE(ends_.second.close());
  EXPECT_EQ(send(0, 3).error(), std::errc::broken_pipe);
  EXPECT_FALSE(is_blocked(SIGPIPE));
  EXPECT_FALSE(is_pending(SIGPIPE));
}

TEST_F(SysSendfile, ASignalThatWaitedAlreadyStays) {
  ::sigset_t sigpipe;
  sigemptyset(&sigpipe);
  sigaddset(&sigpipe, SIGPIPE);
  ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, &sigpipe, nullptr), 0);
  ASSERT_EQ(::raise(SIGPIPE), 0);
  EXPECT_TRUE(ends_.second.close());
  EXPECT_EQ(send(0, 3).error(), std::errc::broken_pipe);
  EXPECT_TRUE(is_blocked(SIGPIPE));
  EXPECT_TRUE(is_pending(SIGPIPE));
  int taken = 0;
  ASSERT_EQ(::sigwait(&sigpipe, &taken), 0);
  ASSERT_EQ(::pthread_sigmask(SIG_UNBLOCK, &sigpipe, nullptr), 0);
}

TEST_F(SysSendfile, WorksWhereTheSignalIsIgnored) {
  ::signal(SIGPIPE, SIG_IGN);
  EXPECT_TRUE(ends_.second.close());
  EXPECT_EQ(send(0, 3).error(), std::errc::broken_pipe);
  EXPECT_FALSE(is_blocked(SIGPIPE));
}

}  // namespace
