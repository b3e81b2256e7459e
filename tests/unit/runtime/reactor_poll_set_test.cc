// What is special about the selector over poll(2): imitated edges, and a poller that is told to
// look again. With poll(2) itself replaced where it matters.

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <fcntl.h>
#include <functional>
#include <limits>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/raw_sockets.h>
#include <tests/unit/runtime/reactor_support.h>
#include <weft/base/sys.h>
#include <weft/base/sys_table.h>

namespace weft::runtime::reactor {
namespace {

using std::chrono::nanoseconds;
using test_support::pipe_pair;
using test_support::tcp_pair;

// Notes each wait and, before making it, does what the test wants to happen meanwhile.
struct WatchedPoll : sys::Table {
  WatchedPoll() {
    poll = [](::pollfd* fds, ::nfds_t count, int timeout) {
      auto& self = const_cast<WatchedPoll&>(static_cast<const WatchedPoll&>(*sys::table()));
      self.timeouts.push_back(timeout);
      if (self.meanwhile) std::exchange(self.meanwhile, nullptr)();
      if (!self.errors.empty()) {
        errno = self.errors.back();
        self.errors.pop_back();
        return -1;
      }
      return self.is_real ? ::poll(fds, count, timeout) : 0;
    };
  }
  bool is_real = true;
  std::function<void()> meanwhile;
  std::vector<int> errors;  // of the next waits, the last one first
  std::vector<int> timeouts;
};

struct WatchedTestPoll : TestPoll<OverPoll> {
  WatchedPoll kernel;

  Result<void> wait(std::optional<nanoseconds> timeout) {
    const sys::TableScope scope(kernel);
    return poll.poll(events, timeout);
  }
  std::size_t count() const { return static_cast<std::size_t>(events.end() - events.begin()); }
};

TEST(MP1, OverPollTimeoutsAreRoundedUpAndCut) {
  WatchedTestPoll poll;
  poll.kernel.is_real = false;
  EXPECT_TRUE(poll.wait(std::nullopt));
  for (const nanoseconds timeout : {nanoseconds(-1), nanoseconds(0), nanoseconds(1),
                                    nanoseconds(1'000'001), nanoseconds::max()}) {
    EXPECT_TRUE(poll.wait(timeout));
  }
  constexpr int kMost = std::numeric_limits<int>::max();
  EXPECT_EQ(poll.kernel.timeouts, (std::vector{-1, 0, 0, 1, 2, kMost}));
}

TEST(MP2, OverPollInterruptionIsReturned) {
  WatchedTestPoll poll;
  poll.kernel.errors = {EINTR};
  EXPECT_EQ(poll.wait(std::nullopt).error(), std::errc::interrupted);
  EXPECT_EQ(poll.kernel.timeouts.size(), 1u);
}

TEST(MP2, OverPollAnInterruptedWaitLosesNothing) {
  WatchedTestPoll poll;
  const auto [reader, writer] = pipe_pair();
  ASSERT_TRUE(test_support::write_text(writer, "x"));
  poll.kernel.errors = {EINTR};
  poll.kernel.meanwhile = [&, fd = reader.borrow()] {
    EXPECT_TRUE(poll.add(fd, 1, Interest::kReadable));
  };
  EXPECT_EQ(poll.wait(std::nullopt).error(), std::errc::interrupted);
  EXPECT_TRUE(poll.wait(std::nullopt));
  EXPECT_EQ(poll.count(), 1u);
}

TEST(MP2, OverPollAShortageIsRetried) {
  WatchedTestPoll poll;
  poll.kernel.errors = {EAGAIN, EAGAIN};
  EXPECT_TRUE(poll.wait(nanoseconds(0)));
  EXPECT_EQ(poll.kernel.timeouts.size(), 3u);
}

TEST(MW7, AWakeUpIsAnEventOfTheNextReturn) {
  WatchedTestPoll poll;
  const Waker waker = Waker::create(poll.registry(), Token{9}).value();
  poll.kernel.meanwhile = [&] { EXPECT_TRUE(waker.wake()); };
  ASSERT_TRUE(poll.wait(std::nullopt));
  ASSERT_EQ(poll.count(), 1u);
  EXPECT_EQ(poll.events.begin()->token(), Token{9});
  EXPECT_TRUE(poll.events.begin()->is_readable());
  EXPECT_TRUE(poll.now().empty());
}

TEST(MW7, AWakeUpBeforeThePollComesWithWhatElseIsReady) {
  WatchedTestPoll poll;
  const auto [reader, writer] = pipe_pair();
  ASSERT_TRUE(poll.add(reader, 1, Interest::kReadable));
  ASSERT_TRUE(test_support::write_text(writer, "x"));
  const Waker waker = Waker::create(poll.registry(), Token{9}).value();
  ASSERT_TRUE(waker.wake());
  ASSERT_TRUE(poll.wait(std::nullopt));
  EXPECT_EQ(poll.kernel.timeouts, std::vector{0});
  EXPECT_EQ(poll.count(), 2u);
}

TEST(M10, OverPollAChangeMakesTheWaitGoOnWithTheTimeThatIsLeft) {
  WatchedTestPoll poll;
  const auto [reader, writer] = pipe_pair();
  poll.kernel.meanwhile = [&, fd = reader.borrow()] {
    EXPECT_TRUE(poll.add(fd, 1, Interest::kReadable));
    EXPECT_TRUE(test_support::write_text(writer, "x"));
  };
  ASSERT_TRUE(poll.wait(std::chrono::hours(1)));
  EXPECT_EQ(poll.count(), 1u);
  ASSERT_EQ(poll.kernel.timeouts.size(), 2u);
  EXPECT_EQ(poll.kernel.timeouts[0], 3'600'000);
  EXPECT_LE(poll.kernel.timeouts[1], 3'600'000);
  EXPECT_GT(poll.kernel.timeouts[1], 0);
}

TEST(MP3, OverPollAChangeDoesNotMakeTheWaitLonger) {
  WatchedTestPoll poll;
  const auto [reader, writer] = pipe_pair();
  poll.kernel.meanwhile = [&, fd = reader.borrow()] {
    EXPECT_TRUE(poll.add(fd, 1, Interest::kReadable));
  };
  ASSERT_TRUE(poll.wait(nanoseconds(1)));  // which has passed when the change is seen
  EXPECT_TRUE(poll.events.empty());
  EXPECT_EQ(poll.kernel.timeouts, (std::vector{1, 0}));
}

TEST(M36, OverPollTheEndIsSeenThoughReadableWasReportedBefore) {
  TestPoll<OverPoll> poll;
  const auto [client, server] = tcp_pair();
  ASSERT_TRUE(poll.add(client, 1, Interest::kReadable));
  ASSERT_TRUE(test_support::write_text(server, "x"));
  EXPECT_TRUE(poll.wait_readable(1));
  ASSERT_TRUE(sys::shutdown(server, SHUT_WR));
  EXPECT_TRUE(poll.wait_for(1, [](const Event& event) { return event.is_read_closed(); }));
}

TEST(MR4, OverPollWhatIsRemovedDuringThePollIsNotReported) {
  WatchedTestPoll poll;
  const auto [reader, writer] = pipe_pair();
  ASSERT_TRUE(poll.add(reader, 1, Interest::kReadable));
  ASSERT_TRUE(test_support::write_text(writer, "x"));
  poll.kernel.meanwhile = [&, fd = reader.borrow()] { EXPECT_TRUE(poll.remove(fd)); };
  ASSERT_TRUE(poll.wait(nanoseconds(0)));
  EXPECT_TRUE(poll.events.empty());
}

TEST(MR4, OverPollAResultOfTheRegistrationBeforeIsDropped) {
  WatchedTestPoll poll;
  auto [reader, writer] = pipe_pair();
  ASSERT_TRUE(poll.add(reader, 1, Interest::kReadable));
  writer = OwnedFd();  // the end is there to be reported
  poll.kernel.meanwhile = [&, fd = reader.borrow()] {
    EXPECT_TRUE(poll.remove(fd));
    EXPECT_TRUE(poll.add(fd, 2, Interest::kReadable));
  };
  ASSERT_TRUE(poll.wait(nanoseconds(0)));
  EXPECT_TRUE(poll.events.empty());
  ASSERT_EQ(poll.now().size(), 1u);  // the new registration has not lost it
}

TEST(ME8, OverPollABitComesOnceUntilTheOperationWouldBlock) {
  TestPoll<OverPoll> poll;
  auto [client, server] = tcp_pair();
  HolderSource source(Holder{std::move(server)});
  ASSERT_TRUE(poll.registry().register_source(source, Token{1}, Interest::kReadable));
  ASSERT_TRUE(test_support::write_text(client, "one"));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_EQ(*read_text(source), "one");
  ASSERT_TRUE(test_support::write_text(client, "two"));
  EXPECT_TRUE(poll.now().empty());  // nothing has found that it would block
  EXPECT_EQ(*read_text(source), "two");
  EXPECT_EQ(read_text(source).error(), std::errc::operation_would_block);
  ASSERT_TRUE(test_support::write_text(client, "three"));
  EXPECT_TRUE(poll.wait_readable(1));
}

TEST(ME8, OverPollOneDirectionsBitDoesNotHoldBackTheOthers) {
  TestPoll<OverPoll> poll;
  auto [client, server] = tcp_pair();
  HolderSource source(Holder{std::move(server)});
  ASSERT_TRUE(
      poll.registry().register_source(source, Token{1}, Interest::kReadable | Interest::kWritable));
  EXPECT_TRUE(poll.wait_writable(1));
  EXPECT_TRUE(poll.now().empty());
  ASSERT_TRUE(test_support::write_text(client, "x"));
  const std::vector<Event> events = poll.now();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_TRUE(events[0].is_readable());
  EXPECT_FALSE(events[0].is_writable());
}

TEST(ME8, OverPollAWouldBlockDuringThePollIsHeard) {
  WatchedTestPoll poll;
  auto [client, server] = tcp_pair();
  HolderSource source(Holder{std::move(server)});
  ASSERT_TRUE(poll.registry().register_source(source, Token{1}, Interest::kReadable));
  ASSERT_TRUE(test_support::write_text(client, "one"));
  EXPECT_TRUE(poll.wait_readable(1));
  EXPECT_EQ(*read_text(source), "one");
  poll.kernel.meanwhile = [&] {
    EXPECT_EQ(read_text(source).error(), std::errc::operation_would_block);
    EXPECT_TRUE(test_support::write_text(client, "two"));
  };
  ASSERT_TRUE(poll.wait(std::nullopt));
  EXPECT_EQ(poll.count(), 1u);
}

TEST(ME8, OverPollAHangUpThatGoesAwayIsForgotten) {
  TestPoll<OverPoll> poll;
  // Not connected: writable and hung up, until it is.
  const OwnedFd listener = test_support::tcp_listener();
  HolderSource source(
      Holder{sys::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0).value()});
  ASSERT_TRUE(poll.registry().register_source(source, Token{1}, Interest::kWritable));
  EXPECT_TRUE(poll.wait_for(1, [](const Event& event) { return event.is_write_closed(); }));
  EXPECT_TRUE(poll.now().empty());
  ::sockaddr_storage to{};
  ::socklen_t size = sizeof to;
  ASSERT_TRUE(sys::getsockname(listener, reinterpret_cast<::sockaddr*>(&to), &size));
  const Result<void> connected =
      sys::connect(source.get().fd, reinterpret_cast<::sockaddr*>(&to), size);
  EXPECT_TRUE(connected || connected.error() == std::errc::operation_in_progress);
  ASSERT_TRUE(poll.registry().reregister(source, Token{2}, Interest::kWritable));
  const std::optional<Event> event = poll.wait_writable(2);
  ASSERT_TRUE(event);
  EXPECT_FALSE(event->is_write_closed());
}

TEST(ME7, OverPollASourceEndsItsRegistration) {
  TestPoll<OverPoll> poll;
  auto [reader, writer] = pipe_pair();
  const int number = reader.raw();
  {
    const HolderSource moved_to = [&] {
      HolderSource source(Holder{std::move(reader)});
      EXPECT_TRUE(poll.registry().register_source(source, Token{1}, Interest::kReadable));
      return source;
    }();
    // The same number, were it not registered, would be taken.
    EXPECT_EQ(poll.add(BorrowedFd(number), 2, Interest::kReadable).error(), std::errc::file_exists);
  }
  const OwnedFd same = writer.try_clone().value();
  ASSERT_EQ(same.raw(), number);
  EXPECT_TRUE(poll.add(same, 3, Interest::kWritable));
}

TEST(ME7, OverPollASourceEndsNobodyElsesRegistration) {
  TestPoll<OverPoll> poll;
  auto [reader, writer] = pipe_pair();
  {
    const OwnedFd duplicate = reader.try_clone().value();
    HolderSource source(Holder{std::move(reader)});
    ASSERT_TRUE(poll.registry().register_source(source, Token{1}, Interest::kReadable));
    ASSERT_TRUE(poll.remove(source.get().fd));
    ASSERT_TRUE(poll.add(source.get().fd, 2, Interest::kReadable));
    reader = std::move(source).into_inner().fd;
  }
  ASSERT_TRUE(test_support::write_text(writer, "x"));
  EXPECT_TRUE(poll.wait_readable(2));
}

TEST(M3, OverPollAnotherSourceMayHaveTheNumberOfADestroyedOne) {
  TestPoll<OverPoll> poll;
  int number = -1;
  {
    const OwnedFd listener = test_support::tcp_listener();
    number = listener.raw();
    ASSERT_TRUE(poll.add(listener, 1, Interest::kReadable));
  }
  EXPECT_TRUE(poll.now().empty());  // finds that it is closed
  const auto [reader, writer] = pipe_pair();
  ASSERT_EQ(reader.raw(), number);
  ASSERT_TRUE(poll.add(reader, 2, Interest::kReadable));
  ASSERT_TRUE(test_support::write_text(writer, "x"));
  EXPECT_TRUE(poll.wait_readable(2));
}

TEST(MR1, OverPollADescriptorThatIsNotOpenIsRefused) {
  TestPoll<OverPoll> poll;
  int number = -1;
  {
    const auto [reader, writer] = pipe_pair();
    number = writer.raw();
  }
  EXPECT_EQ(poll.add(BorrowedFd(number), 1, Interest::kReadable).error(),
            std::errc::bad_file_descriptor);
}

TEST(ME4, OverPollASmallRoomIsSharedFairly) {
  Poll poll = Poll::create_with(OverPoll::kKind).value();
  Events one(1);
  std::vector<test_support::FdPair> pipes;
  std::vector<int> seen(3);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    pipes.push_back(pipe_pair());
    SourceFd source(pipes.back().first.borrow());
    ASSERT_TRUE(poll.registry().register_source(source, Token{i}, Interest::kReadable));
    ASSERT_TRUE(test_support::write_text(pipes.back().second, "x"));
  }
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(poll.poll(one, nanoseconds(0)));
    ASSERT_FALSE(one.empty());
    const std::size_t index = one.begin()->token().value;
    ++seen[index];
    // Always ready again, as of a peer that never stops.
    SourceFd source(pipes[index].first.borrow());
    ASSERT_TRUE(poll.registry().reregister(source, Token{index}, Interest::kReadable));
  }
  EXPECT_EQ(seen, (std::vector{2, 2, 2}));
}

TEST(MP5, OverPollTheEventfdIsCloseOnExec) {
  static int flags_seen = 0;
  sys::Table table;
  table.eventfd = [](unsigned, int flags) {
    flags_seen = flags;
    errno = EMFILE;
    return -1;
  };
  const sys::TableScope scope(table);
  EXPECT_EQ(Poll::create_with(OverPoll::kKind).error(), std::errc::too_many_files_open);
  EXPECT_TRUE(flags_seen & O_CLOEXEC);
}

TEST(ME7, OverPollThereIsNothingToNest) {
  TestPoll<OverPoll> poll;
  EXPECT_DEATH(poll.poll.as_fd(), "Poll::as_fd: a Poll over poll.2. has no descriptor");
}

TEST(M14, OverPollACloneIsTheSameSet) {
  TestPoll<OverPoll> poll;
  Registry clone = poll.registry().try_clone().value();
  const auto [reader, writer] = pipe_pair();
  SourceFd source(reader.borrow());
  ASSERT_TRUE(clone.register_source(source, Token{1}, Interest::kReadable));
  EXPECT_EQ(poll.add(reader, 2, Interest::kReadable).error(), std::errc::file_exists);
}

}  // namespace
}  // namespace weft::runtime::reactor
