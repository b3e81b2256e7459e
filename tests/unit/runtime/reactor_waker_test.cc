// reactor::Waker: ending a poll from elsewhere.

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include <tests/support/raw_sockets.h>
#include <tests/unit/runtime/reactor_support.h>
#include <weft/base/sys.h>
#include <weft/base/sys_table.h>

namespace weft::runtime::reactor {
namespace {

WEFT_ON_EACH_SELECTOR(MW1);
WEFT_ON_EACH_SELECTOR(MW2);
WEFT_ON_EACH_SELECTOR(MW3);
WEFT_ON_EACH_SELECTOR(MW4);
WEFT_ON_EACH_SELECTOR(M21);
WEFT_ON_EACH_SELECTOR(M22);
WEFT_ON_EACH_SELECTOR(M23);
WEFT_ON_EACH_SELECTOR(M24);
WEFT_ON_EACH_SELECTOR(M25);

TYPED_TEST(MW1, AWakeBeforeThePollIsNotLost) {
  TestPoll<TypeParam> poll;
  const Waker waker = Waker::create(poll.registry(), Token{3}).value();
  ASSERT_TRUE(waker.wake());
  ASSERT_TRUE(poll.poll.poll(poll.events, std::nullopt));
  ASSERT_EQ(poll.events.end() - poll.events.begin(), 1);
  EXPECT_EQ(poll.events.begin()->token(), Token{3});
  EXPECT_TRUE(poll.events.begin()->is_readable());
}

TYPED_TEST(MW2, WithoutTheWakerThereAreNoEvents) {
  TestPoll<TypeParam> poll;
  {
    const Waker waker = Waker::create(poll.registry(), Token{3}).value();
    ASSERT_TRUE(waker.wake());
  }
  EXPECT_TRUE(poll.now().empty());
}

TYPED_TEST(MW3, AfterTheWakerIsGoneThereMayBeANewOne) {
  TestPoll<TypeParam> poll;
  {
    const Waker waker = Waker::create(poll.registry(), Token{1}).value();
  }
  EXPECT_TRUE(Waker::create(poll.registry(), Token{2}));
}

TYPED_TEST(MW3, AMovedWakerStillCounts) {
  TestPoll<TypeParam> poll;
  Waker waker = Waker::create(poll.registry(), Token{1}).value();
  Waker moved(std::move(waker));
  EXPECT_FALSE(Waker::create(poll.registry(), Token{2}));
  TestPoll<TypeParam> other;
  moved = Waker::create(other.registry(), Token{1}).value();
  EXPECT_TRUE(Waker::create(poll.registry(), Token{2}));
  EXPECT_FALSE(Waker::create(other.registry(), Token{2}));
}

TEST(MW3, AFailedWakerDoesNotCount) {
  TestPoll<OverEpoll> poll;
  {
    sys::Table table;
    table.eventfd = [](unsigned, int) {
      errno = EMFILE;
      return -1;
    };
    const sys::TableScope scope(table);
    EXPECT_EQ(Waker::create(poll.registry(), Token{1}).error(), std::errc::too_many_files_open);
  }
  {
    sys::Table table;
    table.epoll_ctl = [](int, int, int, ::epoll_event*) {
      errno = ENOSPC;
      return -1;
    };
    const sys::TableScope scope(table);
    EXPECT_EQ(Waker::create(poll.registry(), Token{1}).error(), std::errc::no_space_on_device);
  }
  EXPECT_TRUE(Waker::create(poll.registry(), Token{1}));
}

TYPED_TEST(MW4, EveryWriteIsANewEdge) {
  TestPoll<TypeParam> poll;
  const Waker waker = Waker::create(poll.registry(), Token{1}).value();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(waker.wake());
    EXPECT_EQ(poll.now().size(), 1u);
    EXPECT_TRUE(poll.now().empty());
  }
}

TEST(MW4, AFullCounterIsEmptied) {
  TestPoll<OverEpoll> poll;
  // The descriptor that the waker is about to get, which is the lowest free one.
  const int number = poll.poll.as_fd().try_clone().value().raw();
  const Waker waker = Waker::create(poll.registry(), Token{1}).value();
  const std::uint64_t full = 0xffff'ffff'ffff'fffe;
  ASSERT_TRUE(sys::write(BorrowedFd(number), std::as_bytes(std::span(&full, 1))));
  poll.now();
  ASSERT_TRUE(waker.wake());
  EXPECT_EQ(poll.now().size(), 1u);
  std::uint64_t count = 0;
  ASSERT_TRUE(sys::read(BorrowedFd(number), std::as_writable_bytes(std::span(&count, 1))));
  EXPECT_EQ(count, 1u);
}

TEST(MW4, AnInterruptedWriteIsMadeAgain) {
  TestPoll<OverEpoll> poll;
  const Waker waker = Waker::create(poll.registry(), Token{1}).value();
  struct Interrupting : sys::Table {
    mutable int left = 3;
  } table;
  table.write = [](int fd, const void* in, std::size_t size) -> ssize_t {
    if (static_cast<const Interrupting*>(sys::table())->left-- == 0) return ::write(fd, in, size);
    errno = EINTR;
    return -1;
  };
  {
    const sys::TableScope scope(table);
    EXPECT_TRUE(waker.wake());
  }
  EXPECT_EQ(poll.now().size(), 1u);
}

TYPED_TEST(M21, WakeIsAReadableEvent) {
  TestPoll<TypeParam> poll;
  const Waker waker = Waker::create(poll.registry(), Token{4}).value();
  ASSERT_TRUE(waker.wake());
  EXPECT_TRUE(poll.wait_readable(4));
}

TYPED_TEST(M22, SeveralWakesAreAtLeastOneEvent) {
  TestPoll<TypeParam> poll;
  const Waker waker = Waker::create(poll.registry(), Token{4}).value();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(waker.wake());
  EXPECT_TRUE(poll.wait_readable(4));
}

TYPED_TEST(M23, AWakeFromAnotherThreadEndsThePoll) {
  TestPoll<TypeParam> poll;
  const Waker waker = Waker::create(poll.registry(), Token{4}).value();
  std::thread other([&waker] { ASSERT_TRUE(waker.wake()); });
  ASSERT_TRUE(poll.poll.poll(poll.events, std::nullopt));
  other.join();
  EXPECT_EQ(poll.events.end() - poll.events.begin(), 1);
  EXPECT_TRUE(poll.now().empty());
}

TYPED_TEST(M24, WakesAroundAPollAreSeenSeparately) {
  TestPoll<TypeParam> poll;
  const Waker waker = Waker::create(poll.registry(), Token{4}).value();
  ASSERT_TRUE(waker.wake());
  EXPECT_TRUE(poll.wait_readable(4));
  ASSERT_TRUE(waker.wake());
  EXPECT_TRUE(poll.wait_readable(4));
}

TYPED_TEST(M25, ASecondWakerIsRefused) {
  TestPoll<TypeParam> poll;
  const Waker waker = Waker::create(poll.registry(), Token{1}).value();
  EXPECT_EQ(Waker::create(poll.registry(), Token{2}).error(), std::errc::file_exists);
  Registry clone = poll.registry().try_clone().value();
  EXPECT_EQ(Waker::create(clone, Token{2}).error(), std::errc::file_exists);
}

}  // namespace
}  // namespace weft::runtime::reactor
