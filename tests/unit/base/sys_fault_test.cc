// weft::sys under a table: every wrapper reports errno, keeps its EINTR policy, and makes one call.

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <functional>
#include <gtest/gtest.h>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <weft/base/sys.h>

namespace {

namespace sys = weft::sys;
using weft::BorrowedFd;
using weft::Error;
using weft::OwnedFd;
using weft::Result;

// What the replaced calls do: fail with EINTR `interrupts` times, then with `number`.
thread_local int g_calls = 0;
thread_local int g_interrupts = 0;
thread_local int g_number = 0;

int next_number() { return g_calls++ < g_interrupts ? EINTR : g_number; }

template <class R, class... Args>
void fail_by_errno(R (*&entry)(Args...)) {
  entry = [](Args...) -> R {
    errno = next_number();
    return -1;
  };
}

template <class... Args>
void fail_by_answer(int (*&entry)(Args...)) {
  entry = [](Args...) {
    errno = EDOM;  // must not be what is reported
    return next_number();
  };
}

sys::Table failing_table() {
  sys::Table table;
  fail_by_errno(table.read);
  fail_by_errno(table.write);
  fail_by_errno(table.readv);
  fail_by_errno(table.writev);
  fail_by_errno(table.recv);
  fail_by_errno(table.send);
  fail_by_errno(table.recvfrom);
  fail_by_errno(table.sendto);
  fail_by_errno(table.recvmsg);
  fail_by_errno(table.sendmsg);
  fail_by_errno(table.close);
  fail_by_errno(table.fcntl);
  fail_by_errno(table.pipe2);
  fail_by_errno(table.eventfd);
  fail_by_errno(table.socket);
  fail_by_errno(table.socketpair);
  fail_by_errno(table.bind);
  fail_by_errno(table.listen);
  fail_by_errno(table.accept4);
  fail_by_errno(table.connect);
  fail_by_errno(table.shutdown);
  fail_by_errno(table.getsockopt);
  fail_by_errno(table.setsockopt);
  fail_by_errno(table.getsockname);
  fail_by_errno(table.getpeername);
  fail_by_errno(table.epoll_create1);
  fail_by_errno(table.epoll_ctl);
  fail_by_errno(table.epoll_wait);
  fail_by_errno(table.epoll_pwait2);
  fail_by_errno(table.poll);
  fail_by_errno(table.clock_gettime);
  fail_by_errno(table.timerfd_create);
  fail_by_errno(table.timerfd_settime);
  fail_by_answer(table.pthread_create);
  fail_by_answer(table.pthread_join);
  fail_by_answer(table.pthread_detach);
  fail_by_answer(table.pthread_setname_np);
  fail_by_errno(table.sched_yield);
  fail_by_errno(table.sched_getaffinity);
  fail_by_errno(table.sigaction);
  fail_by_errno(table.getrandom);
  return table;
}

struct Wrapper {
  std::string name;
  std::function<std::optional<Error>()> call;
};

template <class F>
Wrapper wrapper(std::string name, F call) {
  return {std::move(name), [call]() -> std::optional<Error> {
            const auto result = call();
            return result ? std::nullopt : std::optional<Error>(result.error());
          }};
}

const BorrowedFd kFd(0);

std::vector<Wrapper> retried() {
  return {
      wrapper("read", [] { return sys::read(kFd, {}); }),
      wrapper("write", [] { return sys::write(kFd, {}); }),
      wrapper("readv", [] { return sys::readv(kFd, {}); }),
      wrapper("writev", [] { return sys::writev(kFd, {}); }),
      wrapper("recv", [] { return sys::recv(kFd, {}, 0); }),
      wrapper("send", [] { return sys::send(kFd, {}, 0); }),
      wrapper("recvfrom", [] { return sys::recvfrom(kFd, {}, 0, nullptr, nullptr); }),
      wrapper("sendto", [] { return sys::sendto(kFd, {}, 0, nullptr, 0); }),
      wrapper("recvmsg",
              [] {
                ::msghdr message{};
                return sys::recvmsg(kFd, message, 0);
              }),
      wrapper("sendmsg", [] { return sys::sendmsg(kFd, ::msghdr{}, 0); }),
      wrapper("getrandom", [] { return sys::getrandom({}, 0); }),
  };
}

void* start(void* argument) { return argument; }

std::vector<Wrapper> not_retried() {
  return {
      wrapper("close", [] { return sys::close(0); }),
      wrapper("dupfd_cloexec", [] { return sys::dupfd_cloexec(kFd); }),
      wrapper("get_fd_flags", [] { return sys::get_fd_flags(kFd); }),
      wrapper("set_fd_flags", [] { return sys::set_fd_flags(kFd, 0); }),
      wrapper("get_status_flags", [] { return sys::get_status_flags(kFd); }),
      wrapper("set_status_flags", [] { return sys::set_status_flags(kFd, 0); }),
      wrapper("fcntl", [] { return sys::fcntl(kFd, F_GETFL); }),
      wrapper("pipe2", [] { return sys::pipe2(0); }),
      wrapper("eventfd", [] { return sys::eventfd(0, 0); }),
      wrapper("socket", [] { return sys::socket(AF_UNIX, SOCK_STREAM, 0); }),
      wrapper("socketpair", [] { return sys::socketpair(AF_UNIX, SOCK_STREAM, 0); }),
      wrapper("bind", [] { return sys::bind(kFd, nullptr, 0); }),
      wrapper("listen", [] { return sys::listen(kFd, 1); }),
      wrapper("accept4", [] { return sys::accept4(kFd, nullptr, nullptr, 0); }),
      wrapper("connect", [] { return sys::connect(kFd, nullptr, 0); }),
      wrapper("shutdown", [] { return sys::shutdown(kFd, SHUT_RD); }),
      wrapper("getsockopt", [] { return sys::getsockopt(kFd, 0, 0, nullptr, nullptr); }),
      wrapper("setsockopt", [] { return sys::setsockopt(kFd, 0, 0, nullptr, 0); }),
      wrapper("getsockname", [] { return sys::getsockname(kFd, nullptr, nullptr); }),
      wrapper("getpeername", [] { return sys::getpeername(kFd, nullptr, nullptr); }),
      wrapper("epoll_create1", [] { return sys::epoll_create1(0); }),
      wrapper("epoll_ctl", [] { return sys::epoll_ctl(kFd, EPOLL_CTL_DEL, kFd, nullptr); }),
      wrapper("epoll_wait", [] { return sys::epoll_wait(kFd, {}, 0); }),
      wrapper("epoll_pwait2", [] { return sys::epoll_pwait2(kFd, {}, nullptr); }),
      wrapper("poll", [] { return sys::poll({}, 0); }),
      wrapper("clock_gettime", [] { return sys::clock_gettime(CLOCK_MONOTONIC); }),
      wrapper("timerfd_create", [] { return sys::timerfd_create(CLOCK_MONOTONIC, 0); }),
      wrapper("timerfd_settime", [] { return sys::timerfd_settime(kFd, 0, {}); }),
      wrapper("pthread_create", [] { return sys::pthread_create(nullptr, start, nullptr); }),
      wrapper("pthread_join", [] { return sys::pthread_join({}); }),
      wrapper("pthread_detach", [] { return sys::pthread_detach({}); }),
      wrapper("pthread_setname_np", [] { return sys::pthread_setname_np({}, ""); }),
      wrapper("sigaction", [] { return sys::sigaction(SIGUSR1, nullptr, nullptr); }),
  };
}

class SysFault : public testing::Test {
 protected:
  void fail(int interrupts, int number) {
    g_calls = 0;
    g_interrupts = interrupts;
    g_number = number;
  }

  const sys::Table table_ = failing_table();
  const sys::TableScope scope_{table_};
};

TEST_F(SysFault, EveryWrapperReportsTheErrorOfItsOneCall) {
  for (const auto& list : {retried(), not_retried()}) {
    for (const Wrapper& wrapper : list) {
      for (const int number : {ENOMEM, EMFILE, EAGAIN}) {
        fail(0, number);
        EXPECT_EQ(wrapper.call(), Error::from_errno(number)) << wrapper.name;
        EXPECT_EQ(g_calls, 1) << wrapper.name;
      }
    }
  }
}

TEST_F(SysFault, MarkedWrappersRetryEintr) {
  for (const Wrapper& wrapper : retried()) {
    fail(3, EIO);
    EXPECT_EQ(wrapper.call(), Error(std::errc::io_error)) << wrapper.name;
    EXPECT_EQ(g_calls, 4) << wrapper.name;
  }
}

TEST_F(SysFault, OthersReturnEintr) {
  for (const Wrapper& wrapper : not_retried()) {
    fail(3, EIO);
    EXPECT_EQ(wrapper.call(), Error(std::errc::interrupted)) << wrapper.name;
    EXPECT_EQ(g_calls, 1) << wrapper.name;
  }
}

TEST_F(SysFault, ParallelismIsUnknownWhenTheSystemDoesNotSay) {
  fail(0, EINVAL);
  EXPECT_EQ(sys::available_parallelism(), std::nullopt);
  EXPECT_EQ(g_calls, 1);
}

TEST_F(SysFault, YieldGoesThroughTheTable) {
  fail(0, EIO);
  sys::sched_yield();
  EXPECT_EQ(g_calls, 1);
}

TEST(SysTable, EmptyEntriesCallDirectly) {
  const sys::Table empty;
  const sys::TableScope scope(empty);
  EXPECT_EQ(sys::table(), &empty);
  EXPECT_TRUE(sys::pipe2(O_CLOEXEC).has_value());
}

TEST(SysTable, ScopesNest) {
  EXPECT_EQ(sys::table(), nullptr);
  const sys::Table outer;
  {
    const sys::TableScope a(outer);
    const sys::Table inner;
    {
      const sys::TableScope b(inner);
      EXPECT_EQ(sys::table(), &inner);
    }
    EXPECT_EQ(sys::table(), &outer);
    EXPECT_EQ(sys::set_table(nullptr), &outer);
    EXPECT_EQ(sys::table(), nullptr);
  }
  EXPECT_EQ(sys::table(), nullptr);
}

void* note_table(void* seen) {
  *static_cast<const sys::Table**>(seen) = sys::table();
  return nullptr;
}

TEST(SysTable, BelongsToOneThread) {
  const sys::Table table;
  const sys::TableScope scope(table);
  const sys::Table* seen = &table;
  const Result<::pthread_t> thread = sys::pthread_create(nullptr, note_table, &seen);
  ASSERT_TRUE(thread.has_value());
  ASSERT_TRUE(sys::pthread_join(*thread).has_value());
  EXPECT_EQ(seen, nullptr);
}

TEST(SysTable, EntryReachesItsOwnState) {
  struct Counting : sys::Table {
    mutable int writes = 0;
  };
  Counting table;
  table.write = [](int, const void*, std::size_t size) -> ssize_t {
    ++static_cast<const Counting*>(sys::table())->writes;
    return static_cast<ssize_t>(size / 2);  // a short write
  };
  const sys::TableScope scope(table);
  const std::byte bytes[8] = {};
  EXPECT_EQ(sys::write(kFd, bytes), 4u);
  EXPECT_EQ(table.writes, 1);
}

TEST(SysTable, SendsNeverRaiseSigpipe) {
  static int flags_seen = 0;
  sys::Table table;
  table.send = [](int, const void*, std::size_t, int flags) -> ssize_t {
    flags_seen = flags;
    return 0;
  };
  table.sendto = [](int, const void*, std::size_t, int flags, const ::sockaddr*,
                    ::socklen_t) -> ssize_t {
    flags_seen = flags;
    return 0;
  };
  table.sendmsg = [](int, const ::msghdr*, int flags) -> ssize_t {
    flags_seen = flags;
    return 0;
  };
  const sys::TableScope scope(table);
  EXPECT_EQ(sys::send(kFd, {}, MSG_OOB), 0u);
  EXPECT_EQ(std::exchange(flags_seen, 0), MSG_OOB | MSG_NOSIGNAL);
  EXPECT_EQ(sys::sendto(kFd, {}, MSG_DONTWAIT, nullptr, 0), 0u);
  EXPECT_EQ(std::exchange(flags_seen, 0), MSG_DONTWAIT | MSG_NOSIGNAL);
  EXPECT_EQ(sys::sendmsg(kFd, ::msghdr{}, 0), 0u);
  EXPECT_EQ(flags_seen, MSG_NOSIGNAL);
}

TEST(SysTable, LongVectorsAreCutToWhatTheKernelTakes) {
  static int count_seen = 0;
  sys::Table table;
  table.readv = [](int, const ::iovec*, int count) -> ssize_t { return count_seen = count; };
  table.writev = [](int, const ::iovec*, int count) -> ssize_t { return count_seen = count; };
  const sys::TableScope scope(table);
  const std::vector<::iovec> slices(5000);
  EXPECT_EQ(sys::readv(kFd, slices), 1024u);
  EXPECT_EQ(std::exchange(count_seen, 0), 1024);
  EXPECT_EQ(sys::writev(kFd, slices), 1024u);
  EXPECT_EQ(count_seen, 1024);
  EXPECT_EQ(sys::writev(kFd, std::span(slices).first(3)), 3u);
}

TEST(SysTable, ParallelismCountsTheProcessorsOfTheMask) {
  sys::Table table;
  table.sched_getaffinity = [](::pid_t, std::size_t size, ::cpu_set_t* set) {
    CPU_SET_S(0, size, set);
    CPU_SET_S(5, size, set);
    CPU_SET_S(9000, size, set);
    return 0;
  };
  const sys::TableScope scope(table);
  EXPECT_EQ(sys::available_parallelism(), 3u);
}

}  // namespace
