// The reactor over kqueue, on a kernel that is the test's own: what is asked, what answers mean.

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <limits>
#include <optional>
#include <sys/event.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/kqueue/fake_kqueue.h>
#include <weft/base/sys.h>
#include <weft/runtime/reactor/reactor.h>

namespace weft::runtime::reactor {
namespace {

using kqueue_test::FakeKqueue;
using std::chrono::nanoseconds;
using Flags = std::vector<std::pair<int, unsigned>>;

constexpr unsigned kAdd = EV_ADD | EV_CLEAR | EV_RECEIPT;
constexpr unsigned kDelete = EV_DELETE | EV_RECEIPT;
constexpr Interest kBoth = Interest::kReadable | Interest::kWritable;

struct FakePoll {
  FakeKqueue kernel;
  Poll poll = Poll::create().value();
  Events events = Events(8);
  SourceFd source = SourceFd(7);

  Registry& registry() { return poll.registry(); }
  // Filters and flags of the last call, in its order.
  Flags asked() const {
    Flags flags;
    for (const struct ::kevent& change : kernel.calls.back().changes) {
      flags.emplace_back(change.filter, change.flags);
    }
    return flags;
  }
};

struct ::kevent event_of(short filter, unsigned flags, unsigned filter_flags = 0) {
  struct ::kevent event{};
  event.filter = filter;
  event.flags = static_cast<unsigned short>(flags);
  event.fflags = filter_flags;
  event.udata = reinterpret_cast<void*>(std::uintptr_t{5});
  return event;
}

TEST(MR7, RegisteringAsksForWritingBeforeReading) {
  FakePoll fake;
  ASSERT_TRUE(fake.registry().register_source(fake.source, Token{5}, kBoth));
  EXPECT_EQ(fake.asked(), (Flags{{EVFILT_WRITE, kAdd}, {EVFILT_READ, kAdd}}));
  for (const struct ::kevent& change : fake.kernel.calls.back().changes) {
    EXPECT_EQ(change.ident, 7u);
    EXPECT_EQ(Event(change).token(), Token{5});
  }
  ASSERT_TRUE(fake.registry().register_source(fake.source, Token{5}, Interest::kReadable));
  EXPECT_EQ(fake.asked(), (Flags{{EVFILT_READ, kAdd}}));
}

TEST(MR7, ReregisteringAddsOneFilterAndDeletesTheOther) {
  FakePoll fake;
  ASSERT_TRUE(fake.registry().reregister(fake.source, Token{5}, Interest::kReadable));
  EXPECT_EQ(fake.asked(), (Flags{{EVFILT_WRITE, kDelete}, {EVFILT_READ, kAdd}}));
  ASSERT_TRUE(fake.registry().reregister(fake.source, Token{5}, Interest::kWritable));
  EXPECT_EQ(fake.asked(), (Flags{{EVFILT_WRITE, kAdd}, {EVFILT_READ, kDelete}}));
}

TEST(MR7, DeregisteringDeletesBoth) {
  FakePoll fake;
  ASSERT_TRUE(fake.registry().deregister(fake.source));
  EXPECT_EQ(fake.asked(), (Flags{{EVFILT_WRITE, kDelete}, {EVFILT_READ, kDelete}}));
}

TEST(MR7, AFilterThatWasNotThereNeedsNoDeleting) {
  FakePoll fake;
  fake.kernel.receipt_errors = {{EVFILT_WRITE, ENOENT}};
  EXPECT_TRUE(fake.registry().reregister(fake.source, Token{5}, Interest::kReadable));
  EXPECT_TRUE(fake.registry().deregister(fake.source));
  EXPECT_EQ(fake.registry().register_source(fake.source, Token{5}, kBoth).error(),
            std::errc::no_such_file_or_directory);
}

TEST(MR7, AClosedPipeIsRegisteredAllTheSame) {
  FakePoll fake;
  fake.kernel.receipt_errors = {{EVFILT_WRITE, EPIPE}};
  EXPECT_TRUE(fake.registry().register_source(fake.source, Token{5}, kBoth));
  EXPECT_EQ(fake.registry().deregister(fake.source).error(), std::errc::broken_pipe);
}

TEST(MR7, AnErrorInAReceiptIsTheCallsError) {
  FakePoll fake;
  fake.kernel.receipt_errors = {{EVFILT_READ, EBADF}};
  EXPECT_EQ(fake.registry().register_source(fake.source, Token{5}, kBoth).error(),
            std::errc::bad_file_descriptor);
}

TEST(MR7, AnInterruptedChangeHasBeenMade) {
  FakePoll fake;
  fake.kernel.call_error = EINTR;
  EXPECT_TRUE(fake.registry().register_source(fake.source, Token{5}, kBoth));
  fake.kernel.call_error = ENOMEM;
  EXPECT_EQ(fake.registry().register_source(fake.source, Token{5}, kBoth).error(),
            std::errc::not_enough_memory);
}

TEST(MR7, PriorityAloneCannotBeWatched) {
  FakePoll fake;
  EXPECT_EQ(fake.registry().register_source(fake.source, Token{5}, Interest::kPriority).error(),
            std::errc::operation_not_supported);
  EXPECT_EQ(fake.registry().reregister(fake.source, Token{5}, Interest::kPriority).error(),
            std::errc::operation_not_supported);
}

TEST(MW5, AWakerIsAnEventOfTheUsers) {
  FakePoll fake;
  const Waker waker = Waker::create(fake.registry(), Token{9}).value();
  EXPECT_EQ(fake.asked(), (Flags{{EVFILT_USER, kAdd}}));
  EXPECT_EQ(fake.kernel.calls.back().changes[0].ident, 0u);
  const int own = fake.kernel.calls.back().queue;
  EXPECT_NE(own, fake.poll.as_fd().raw());

  ASSERT_TRUE(waker.wake());
  const FakeKqueue::Call& woken = fake.kernel.calls.back();
  EXPECT_EQ(woken.queue, own);
  EXPECT_EQ(woken.changes[0].fflags, unsigned{NOTE_TRIGGER});
  EXPECT_EQ(Event(woken.changes[0]).token(), Token{9});
}

TEST(MW5, AWakersEventIsReadableAndEndsWithIt) {
  FakePoll fake;
  EXPECT_TRUE(Event(event_of(EVFILT_USER, 0)).is_readable());
  {
    const Waker waker = Waker::create(fake.registry(), Token{9}).value();
    EXPECT_EQ(Waker::create(fake.registry(), Token{9}).error(), std::errc::file_exists);
  }
  EXPECT_EQ(fake.asked(), (Flags{{EVFILT_USER, kDelete}}));
  EXPECT_TRUE(Waker::create(fake.registry(), Token{9}));
}

TEST(ME1, FiltersAreEdgeTriggeredAndSeparate) {
  FakePoll fake;
  fake.kernel.ready = {event_of(EVFILT_READ, 0), event_of(EVFILT_WRITE, 0)};
  ASSERT_TRUE(fake.poll.poll(fake.events, std::nullopt));
  ASSERT_EQ(fake.events.end() - fake.events.begin(), 2);
  EXPECT_TRUE(fake.events.begin()[0].is_readable() && !fake.events.begin()[0].is_writable());
  EXPECT_TRUE(fake.events.begin()[1].is_writable() && !fake.events.begin()[1].is_readable());
  EXPECT_EQ(fake.events.begin()->token(), Token{5});
}

TEST(MR7, PredicatesAreOfTheFilterAndItsFlags) {
  const Event end_of_reading(event_of(EVFILT_READ, EV_EOF));
  EXPECT_TRUE(end_of_reading.is_read_closed());
  EXPECT_FALSE(end_of_reading.is_write_closed() || end_of_reading.is_error());
  const Event end_of_writing(event_of(EVFILT_WRITE, EV_EOF));
  EXPECT_TRUE(end_of_writing.is_write_closed());
  EXPECT_FALSE(end_of_writing.is_read_closed());
  EXPECT_TRUE(Event(event_of(EVFILT_READ, EV_EOF, ECONNRESET)).is_error());
  EXPECT_FALSE(Event(event_of(EVFILT_READ, 0, ECONNRESET)).is_error());
  EXPECT_TRUE(Event(event_of(EVFILT_WRITE, EV_ERROR)).is_error());
  EXPECT_FALSE(Event(event_of(EVFILT_READ, 0)).is_priority());
  EXPECT_TRUE(Event(event_of(EVFILT_AIO, 0)).is_aio());
  EXPECT_TRUE(Event(event_of(EVFILT_LIO, 0)).is_lio());
  EXPECT_FALSE(Event(event_of(EVFILT_READ, 0)).is_aio());
}

TEST(MP1, ATimeoutIsNotRounded) {
  FakePoll fake;
  ASSERT_TRUE(fake.poll.poll(fake.events, std::nullopt));
  EXPECT_FALSE(fake.kernel.calls.back().timeout);
  for (const nanoseconds timeout : {nanoseconds(-1), nanoseconds(0)}) {
    ASSERT_TRUE(fake.poll.poll(fake.events, timeout));
    ASSERT_TRUE(fake.kernel.calls.back().is_wait);
    EXPECT_EQ(fake.kernel.calls.back().timeout->tv_sec, 0);
    EXPECT_EQ(fake.kernel.calls.back().timeout->tv_nsec, 0);
  }
  ASSERT_TRUE(fake.poll.poll(fake.events, nanoseconds(1'500'000'123)));
  EXPECT_EQ(fake.kernel.calls.back().timeout->tv_sec, 1);
  EXPECT_EQ(fake.kernel.calls.back().timeout->tv_nsec, 500'000'123);
}

TEST(MP2, AnInterruptedWaitIsReturned) {
  FakePoll fake;
  fake.kernel.call_error = EINTR;
  EXPECT_EQ(fake.poll.poll(fake.events, std::nullopt).error(), std::errc::interrupted);
}

TEST(MP5, TheQueueIsCloseOnExec) {
  FakePoll fake;
  EXPECT_EQ(sys::get_fd_flags(fake.poll.as_fd()), FD_CLOEXEC);
  Registry clone = fake.registry().try_clone().value();
  EXPECT_EQ(sys::get_fd_flags(clone.selector().as_fd()), FD_CLOEXEC);
}

TEST(M5, AQueueThatCannotBeMadeIsAnError) {
  FakeKqueue kernel;
  kernel.create_error = EMFILE;
  EXPECT_EQ(Poll::create().error(), std::errc::too_many_files_open);
}

}  // namespace
}  // namespace weft::runtime::reactor
