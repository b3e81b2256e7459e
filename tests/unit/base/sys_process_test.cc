// The system calls about processes: errors, EINTR policy, and writing without SIGPIPE.

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <span>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include <gtest/gtest.h>
#include <weft/base/sys.h>
#include <weft/base/sys_process.h>

namespace {

namespace sys = weft::sys;
using weft::BorrowedFd;
using weft::Error;
using weft::OwnedFd;

thread_local int g_calls = 0;
thread_local int g_interrupts = 0;

int fail() {
  errno = g_calls++ < g_interrupts ? EINTR : EIO;
  return -1;
}

sys::Table failing_table() {
  sys::Table table;
  table.clone = [](int (*)(void*), void*, int, void*) { return fail(); };
  table.fork = []() -> ::pid_t { return fail(); };
  table.waitpid = [](::pid_t, int*, int) -> ::pid_t { return fail(); };
  table.kill = [](::pid_t, int) { return fail(); };
  table.pidfd_open = [](::pid_t, unsigned) { return fail(); };
  table.pidfd_send_signal = [](int, int) { return fail(); };
  return table;
}

class SysProcess : public testing::Test {
 protected:
  const sys::Table table_ = failing_table();
  const sys::TableScope scope_{table_};

  template <class Call>
  void expect(std::errc error, int calls, int interrupts, Call call) {
    g_calls = 0;
    g_interrupts = interrupts;
    EXPECT_EQ(call().error(), error);
    EXPECT_EQ(g_calls, calls);
  }
};

const BorrowedFd kFd(0);

TEST_F(SysProcess, EveryWrapperReportsTheErrorOfItsOneCall) {
  expect(std::errc::io_error, 1, 0, [] { return sys::clone_vfork(nullptr, {}, nullptr); });
  expect(std::errc::io_error, 1, 0, [] { return sys::fork(); });
  expect(std::errc::io_error, 1, 0, [] { return sys::waitpid(1, nullptr, 0); });
  expect(std::errc::io_error, 1, 0, [] { return sys::kill(1, 0); });
  expect(std::errc::io_error, 1, 0, [] { return sys::pidfd_open(1, 0); });
  expect(std::errc::io_error, 1, 0, [] { return sys::pidfd_send_signal(kFd, 0); });
}

TEST_F(SysProcess, OnlyWaitingIsRepeated) {
  expect(std::errc::io_error, 3, 2, [] { return sys::waitpid(1, nullptr, 0); });
  expect(std::errc::interrupted, 1, 2, [] { return sys::fork(); });
  expect(std::errc::interrupted, 1, 2, [] { return sys::kill(1, 0); });
}

TEST(SysProcessCalls, ChildIsStartedSignalledAndWaitedFor) {
  const weft::Result<::pid_t> child = sys::fork();
  ASSERT_TRUE(child);
  if (*child == 0) {
    while (true) ::pause();
  }
  const weft::Result<OwnedFd> pidfd = sys::pidfd_open(*child, 0);
  ASSERT_TRUE(pidfd);
  EXPECT_EQ(sys::get_fd_flags(*pidfd), FD_CLOEXEC);
  EXPECT_EQ(sys::waitpid(*child, nullptr, WNOHANG), 0);
  EXPECT_TRUE(sys::kill(*child, 0));
  EXPECT_TRUE(sys::pidfd_send_signal(*pidfd, SIGKILL));
  int status = 0;
  EXPECT_EQ(sys::waitpid(*child, &status, 0), *child);
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  EXPECT_EQ(sys::pidfd_send_signal(*pidfd, 0).error(), std::errc::no_such_process);
}

TEST(SysProcessCalls, MaskIsPutBack) {
  const ::sigset_t before = sys::block_all_signals();
  ::sigset_t blocked;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  EXPECT_EQ(::sigismember(&blocked, SIGTERM), 1);
  sys::set_signal_mask(before);
  ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  EXPECT_EQ(::sigismember(&blocked, SIGTERM), ::sigismember(&before, SIGTERM));
}

TEST(SysProcessCalls, WritingWithoutAReaderRaisesNothing) {
  const auto before = std::signal(SIGPIPE, SIG_DFL);
  auto [reader, writer] = sys::pipe2(O_CLOEXEC).value();
  const std::byte bytes[2] = {};
  EXPECT_EQ(sys::write_without_sigpipe(writer, bytes), 2u);
  reader = OwnedFd();
  EXPECT_EQ(sys::write_without_sigpipe(writer, bytes).error(), std::errc::broken_pipe);
  ::iovec slice{};
  EXPECT_EQ(sys::writev_without_sigpipe(writer, std::span(&slice, 1)), 0u);
  std::byte more[2] = {};
  slice = {more, sizeof more};
  EXPECT_EQ(sys::writev_without_sigpipe(writer, std::span(&slice, 1)).error(),
            std::errc::broken_pipe);
  std::signal(SIGPIPE, before);
}

TEST(SysProcessCalls, SigpipeOfWhoHasBlockedItStaysPending) {
  ::sigset_t set;
  ::sigset_t before;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &set, &before);
  auto [reader, writer] = sys::pipe2(O_CLOEXEC).value();
  reader = OwnedFd();
  const std::byte bytes[2] = {};
  EXPECT_FALSE(sys::write_without_sigpipe(writer, bytes));
  ::sigset_t pending;
  ::sigpending(&pending);
  EXPECT_EQ(::sigismember(&pending, SIGPIPE), 1);
  const ::timespec at_once{};
  EXPECT_EQ(::sigtimedwait(&set, nullptr, &at_once), SIGPIPE);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
