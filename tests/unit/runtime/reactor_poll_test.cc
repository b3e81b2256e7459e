// Poll: timeouts, interruptions, capacity; with the waits of the system replaced where it matters.

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <limits>
#include <optional>
#include <sys/epoll.h>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/raw_sockets.h>
#include <tests/unit/runtime/reactor_support.h>
#include <weft/base/sys.h>
#include <weft/base/sys_table.h>

namespace weft::runtime::reactor {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using test_support::open_fd_count;
using test_support::pipe_pair;
using test_support::write_text;

// Records what a poll asks of the kernel instead of asking it.
struct Recorder : sys::Table {
  Recorder() {
    epoll_wait = [](int, ::epoll_event*, int count, int timeout) {
      current().max_events = count;
      current().milliseconds.push_back(timeout);
      return current().answer();
    };
    epoll_pwait2 = [](int, ::epoll_event*, int, const ::timespec* timeout, const ::sigset_t*) {
      current().precise.push_back(nanoseconds(timeout->tv_sec * 1'000'000'000 + timeout->tv_nsec));
      if (current().pwait2_error == 0) return current().answer();
      errno = current().pwait2_error;
      return -1;
    };
  }
  static Recorder& current() {
    return const_cast<Recorder&>(static_cast<const Recorder&>(*sys::table()));
  }
  int answer() const {
    errno = error;
    return error == 0 ? 0 : -1;
  }

  int error = 0;
  int pwait2_error = 0;
  int max_events = 0;
  std::vector<int> milliseconds;
  std::vector<nanoseconds> precise;
};

struct RecordedPoll {
  Poll poll = Poll::create().value();
  Events events = Events(8);
  Recorder recorder;

  Result<void> operator()(std::optional<nanoseconds> timeout) {
    const sys::TableScope scope(recorder);
    return poll.poll(events, timeout);
  }
};

WEFT_ON_EACH_SELECTOR(MP3);
WEFT_ON_EACH_SELECTOR(MP4);
WEFT_ON_EACH_SELECTOR(M2);
WEFT_ON_EACH_SELECTOR(M3);
WEFT_ON_EACH_SELECTOR(M4);
WEFT_ON_EACH_SELECTOR(M5);
WEFT_ON_EACH_SELECTOR(ME4);

TEST(MP1, NoTimeoutBlocksForEver) {
  RecordedPoll poll;
  EXPECT_TRUE(poll(std::nullopt));
  EXPECT_EQ(poll.recorder.milliseconds, std::vector{-1});
}

TEST(MP1, ZeroIsOneCallThatDoesNotBlock) {
  RecordedPoll poll;
  EXPECT_TRUE(poll(nanoseconds(0)));
  EXPECT_EQ(poll.recorder.milliseconds, std::vector{0});
  EXPECT_TRUE(poll.recorder.precise.empty());
}

TEST(MP1, NegativeIsZero) {
  RecordedPoll poll;
  EXPECT_TRUE(poll(nanoseconds(-5)));
  EXPECT_EQ(poll.recorder.milliseconds, std::vector{0});
}

TEST(MP1, WithoutPreciseWaitsTimeoutsAreRoundedUp) {
  RecordedPoll poll;
  poll.recorder.pwait2_error = ENOSYS;
  for (const nanoseconds timeout : {nanoseconds(1), nanoseconds(1'000'000), nanoseconds(1'000'001)})
    EXPECT_TRUE(poll(timeout));
  EXPECT_EQ(poll.recorder.milliseconds, (std::vector{1, 1, 2}));
}

TEST(MP1, WithoutPreciseWaitsLongTimeoutsAreCutToAnInt) {
  RecordedPoll poll;
  poll.recorder.pwait2_error = ENOSYS;
  EXPECT_TRUE(poll(nanoseconds::max()));
  EXPECT_TRUE(poll(std::chrono::hours(24 * 25)));
  constexpr int kMost = std::numeric_limits<int>::max();
  EXPECT_EQ(poll.recorder.milliseconds, (std::vector{kMost, kMost}));
}

TEST(MP2, InterruptionIsReturned) {
  RecordedPoll poll;
  poll.recorder.error = EINTR;
  EXPECT_EQ(poll(std::nullopt).error(), std::errc::interrupted);
  EXPECT_EQ(poll(nanoseconds(10)).error(), std::errc::interrupted);
  EXPECT_EQ(poll.recorder.milliseconds.size(), 1u);
  EXPECT_EQ(poll.recorder.precise.size(), 1u);
  EXPECT_TRUE(poll.events.empty());
}

TYPED_TEST(MP3, ExpiryIsSuccessWithoutEvents) {
  TestPoll<TypeParam> poll;
  const auto [reader, writer] = pipe_pair();
  ASSERT_TRUE(poll.add(reader, 1, Interest::kReadable));
  const auto before = std::chrono::steady_clock::now();
  ASSERT_TRUE(poll.poll.poll(poll.events, milliseconds(1)));
  EXPECT_TRUE(poll.events.empty());
  EXPECT_GE(std::chrono::steady_clock::now() - before, milliseconds(1));
}

TYPED_TEST(MP4, PollingNothingSleepsTheWholeTimeout) {
  TestPoll<TypeParam> poll;
  const auto before = std::chrono::steady_clock::now();
  ASSERT_TRUE(poll.poll.poll(poll.events, milliseconds(2)));
  EXPECT_GE(std::chrono::steady_clock::now() - before, milliseconds(2));
}

TEST(MP5, DescriptorsAreCloseOnExec) {
  TestPoll<OverEpoll> poll;
  EXPECT_EQ(sys::get_fd_flags(poll.poll.as_fd()), FD_CLOEXEC);
  Registry clone = poll.registry().try_clone().value();
  EXPECT_EQ(sys::get_fd_flags(clone.selector().as_fd()), FD_CLOEXEC);
}

TEST(MP6, PreciseWaitsGetTheNanoseconds) {
  RecordedPoll poll;
  EXPECT_TRUE(poll(nanoseconds(1'500'000'123)));
  EXPECT_EQ(poll.recorder.precise, std::vector{nanoseconds(1'500'000'123)});
  EXPECT_TRUE(poll.recorder.milliseconds.empty());
}

TEST(MP6, MissingCallIsRememberedAndReplaced) {
  for (const int missing : {ENOSYS, EPERM}) {
    RecordedPoll poll;
    poll.recorder.pwait2_error = missing;
    EXPECT_TRUE(poll(milliseconds(3)));
    EXPECT_TRUE(poll(milliseconds(4)));
    EXPECT_EQ(poll.recorder.precise.size(), 1u);
    EXPECT_EQ(poll.recorder.milliseconds, (std::vector{3, 4}));
  }
}

TEST(MP6, OtherErrorsAreNotTakenForAMissingCall) {
  RecordedPoll poll;
  poll.recorder.pwait2_error = EBADF;
  EXPECT_EQ(poll(milliseconds(3)).error(), std::errc::bad_file_descriptor);
  EXPECT_TRUE(poll.recorder.milliseconds.empty());
}

TYPED_TEST(M2, NothingRegisteredIsNoError) {
  TestPoll<TypeParam> poll;
  EXPECT_TRUE(poll.poll.poll(poll.events, milliseconds(1)));
  EXPECT_TRUE(poll.events.empty());
}

TYPED_TEST(M3, DestroyedSourceIsNoError) {
  TestPoll<TypeParam> poll;
  {
    const OwnedFd listener = test_support::tcp_listener();
    ASSERT_TRUE(poll.add(listener, 1, Interest::kReadable));
  }
  EXPECT_TRUE(poll.poll.poll(poll.events, nanoseconds(0)));
}

TYPED_TEST(M4, WaitingEventsAreThereAtOnce) {
  TestPoll<TypeParam> poll;
  std::vector<OwnedFd> connecting;
  const OwnedFd listener = test_support::tcp_listener();
  for (std::size_t i = 0; i < 3; ++i) {
    connecting.push_back(test_support::begin_connect(test_support::port_of(listener)));
    ASSERT_TRUE(poll.add(connecting.back(), i, Interest::kWritable));
  }
  EXPECT_EQ(poll.now().size(), 3u);
}

TYPED_TEST(M5, CreatingAndDestroyingLeaksNothing) {
  const std::size_t before = open_fd_count();
  for (int i = 0; i < 2000; ++i) {
    TestPoll<TypeParam> poll;
    const Waker waker = Waker::create(poll.registry(), Token{0}).value();
    ASSERT_TRUE(poll.poll.poll(poll.events, nanoseconds(0)));
  }
  EXPECT_EQ(open_fd_count(), before);
}

TEST(M5, FailureToCreateLeaksNothing) {
  const std::size_t before = open_fd_count();
  sys::Table table;
  table.epoll_create1 = [](int) {
    errno = EMFILE;
    return -1;
  };
  {
    const sys::TableScope scope(table);
    EXPECT_EQ(Poll::create().error(), std::errc::too_many_files_open);
  }
  EXPECT_EQ(open_fd_count(), before);
}

TYPED_TEST(ME4, MoreEventsThanRoomComeWithTheNextPoll) {
  Poll poll = Poll::create_with(TypeParam::kKind).value();
  Events one(1);
  std::vector<test_support::FdPair> pipes;
  for (std::size_t i = 0; i < 3; ++i) {
    pipes.push_back(pipe_pair());
    SourceFd source(pipes.back().first.borrow());
    ASSERT_TRUE(poll.registry().register_source(source, Token{i}, Interest::kReadable));
    ASSERT_TRUE(write_text(pipes.back().second, "x"));
  }
  std::vector<bool> seen(3);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(poll.poll(one, nanoseconds(0)));
    ASSERT_EQ(one.end() - one.begin(), 1);
    seen[one.begin()->token().value] = true;
  }
  EXPECT_EQ(seen, (std::vector{true, true, true}));
}

TEST(ME7, APollCanWatchAnother) {
  TestPoll<OverEpoll> outer;
  TestPoll<OverEpoll> inner;
  const auto [reader, writer] = pipe_pair();
  ASSERT_TRUE(inner.add(reader, 1, Interest::kReadable));
  ASSERT_TRUE(outer.add(inner.poll.as_fd(), 2, Interest::kReadable));
  EXPECT_TRUE(outer.now().empty());
  ASSERT_TRUE(write_text(writer, "x"));
  EXPECT_TRUE(outer.wait_readable(2));
  EXPECT_TRUE(inner.wait_readable(1));
}

}  // namespace
}  // namespace weft::runtime::reactor
