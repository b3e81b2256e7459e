// Closing descriptors that are waited on, in use, or shared.

#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include <tests/unit/runtime/io_driver_support.h>
#include <weft/base/sys_table.h>

namespace weft::internal {
namespace {

using test_support::open_fd_count;
using test_support::pipe_pair;
using test_support::read_text;
using test_support::tcp_pair;
using test_support::write_text;

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

struct Fixture {
  Fixture() {
    auto [client, server] = tcp_pair();
    peer = std::move(client);
    number = server.raw();
    stream.emplace(io.watch(std::move(server)));
  }
  TestDriver io;
  OwnedFd peer;
  int number = -1;
  std::optional<IoRegistration> stream;
};

TEST(N58, DestroyingASocketEndsItsWaits) {
  Fixture f;
  MockTask first, second;
  Reading reading;
  Polled one(f.stream->readable());
  Polled two(f.stream->perform(reading.patient_read()));
  EXPECT_FALSE(one.poll(first));
  EXPECT_FALSE(two.poll(second));
  f.stream.reset();
  EXPECT_TRUE(first.take_woken());
  EXPECT_TRUE(second.take_woken());
  EXPECT_FALSE(is_open(f.number));
  ASSERT_TRUE(one.poll(first));
  EXPECT_EQ(one.take().error(), Errc::closed);
  ASSERT_TRUE(two.poll(second));
  EXPECT_EQ(two.take().error(), Errc::closed);
  EXPECT_EQ(reading.tries, 0);
}

TEST(N58, AReusedNumberIsNotTouched) {
  Fixture f;
  MockTask task;
  Reading reading;
  Polled read(f.stream->perform(reading.read()));
  EXPECT_FALSE(read.poll(task));
  f.stream.reset();
  auto [client, server] = tcp_pair();  // one of them has the number again
  EXPECT_TRUE(client.raw() == f.number || server.raw() == f.number);
  ASSERT_TRUE(write_text(client, "not yours"));
  const int tries = reading.tries;
  ASSERT_TRUE(read.poll(task));
  EXPECT_EQ(read.take().error(), Errc::closed);
  EXPECT_EQ(reading.tries, tries);
  EXPECT_EQ(*read_text(server), "not yours");
}

TEST(N58, AWaitWithoutBudgetOutlivesTheSocketToo) {
  Fixture f;
  MockTask task;
  Budget none = Budget::initial();
  while (none.has_remaining()) none.spend();
  Reading reading;
  Polled read(f.stream->perform(reading.read()));
  Polled wait(f.stream->readable());
  EXPECT_FALSE(read.poll(task, none));
  EXPECT_FALSE(wait.poll(task, none));
  f.stream.reset();
  f.io.turn();  // the driver's reference goes
  ASSERT_TRUE(read.poll(task));
  EXPECT_EQ(read.take().error(), Errc::closed);
  ASSERT_TRUE(wait.poll(task));
  EXPECT_EQ(wait.take().error(), Errc::closed);
}

TEST(NG10, CloseIsExplicitAndMayBeRepeated) {
  Fixture f;
  EXPECT_TRUE(f.stream->close());
  EXPECT_FALSE(is_open(f.number));
  EXPECT_TRUE(f.stream->close());
  MockTask task;
  Reading reading;
  Polled read(f.stream->perform(reading.read()));
  ASSERT_TRUE(read.poll(task));
  EXPECT_EQ(read.take().error(), Errc::closed);
  EXPECT_EQ(f.stream->attempt(reading.read()).error(), Errc::closed);
  EXPECT_EQ(f.stream->with_fd([](BorrowedFd) { return Result<int>(1); }).error(), Errc::closed);
  EXPECT_EQ(reading.tries, 0);
  EXPECT_EQ(*read_text(f.peer), "");
}

TEST(NG10, CloseReportsTheKernelsError) {
  Fixture f;
  sys::Table table;
  table.close = [](int fd) {
    ::close(fd);
    errno = EIO;
    return -1;
  };
  const sys::TableScope scope(table);
  EXPECT_EQ(f.stream->close().error(), std::errc::io_error);
}

TEST(NG10, ADescriptorInUseIsClosedByTheLastUser) {
  Fixture f;
  {
    IoRecord::Call call(f.stream->record());
    ASSERT_TRUE(call);
    EXPECT_TRUE(f.stream->close());
    EXPECT_TRUE(is_open(f.number));
  }
  EXPECT_FALSE(is_open(f.number));
}

TEST(NG10, TheNumberOfAClosedSocketIsFatalToAsk) {
  Fixture f;
  EXPECT_TRUE(f.stream->close());
  EXPECT_DEATH(static_cast<void>(f.stream->as_fd()), "has been closed");
}

TEST(NG10, TwoThreadsMayCloseAtTheSameTime) {
  for (int round = 0; round < 50; ++round) {
    Fixture f;
    std::thread other([&f] { EXPECT_TRUE(f.stream->close()); });
    EXPECT_TRUE(f.stream->close());
    other.join();
    EXPECT_FALSE(is_open(f.number));
  }
}

TEST(NG10, ClosingRacesWithReading) {
  for (int round = 0; round < 50; ++round) {
    Fixture f;
    f.io.turn();
    ASSERT_TRUE(write_text(f.peer, "x"));
    f.io.turn();
    std::thread reader([&f] {
      Reading reading;
      Result<std::size_t> got = f.stream->attempt(reading.read(1));
      EXPECT_TRUE(got || got.error() == Errc::closed);
    });
    EXPECT_TRUE(f.stream->close());
    reader.join();
    EXPECT_FALSE(is_open(f.number));
  }
}

TEST(NG3, IntoFdGivesTheOpenDescriptorBack) {
  Fixture f;
  MockTask task;
  Polled wait(f.stream->readable());
  EXPECT_FALSE(wait.poll(task));
  const OwnedFd fd = std::move(*f.stream).into_fd().value();
  EXPECT_EQ(fd.raw(), f.number);
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(wait.poll(task));
  EXPECT_EQ(wait.take().error(), Errc::closed);
  ASSERT_TRUE(write_text(f.peer, "x"));
  f.io.turn();
  EXPECT_EQ(*read_text(fd), "x");
}

TEST(NG3, IntoFdRefusesWhileACallIsUnderWay) {
  Fixture f;
  {
    IoRecord::Call call(f.stream->record());
    EXPECT_EQ(std::move(*f.stream).into_fd().error(), std::errc::device_or_resource_busy);
  }
  EXPECT_TRUE(std::move(*f.stream).into_fd());
  EXPECT_EQ(std::move(*f.stream).into_fd().error(), Errc::closed);
}

TEST(NG9, ATakenDescriptorCanBeRegisteredWithAnotherDriver) {
  Fixture f;
  TestDriver other;
  const IoRegistration moved = other.watch(std::move(*f.stream).into_fd().value());
  MockTask task;
  Polled wait(moved.readable());
  EXPECT_FALSE(wait.poll(task));
  ASSERT_TRUE(write_text(f.peer, "x"));
  f.io.turn();
  EXPECT_FALSE(task.take_woken());
  other.turn();
  EXPECT_TRUE(task.take_woken());
}

TEST(NG2, DestructionDeregistersBeforeItCloses) {
  Fixture f;
  struct Order : sys::Table {
    mutable int removed = -1;
    mutable bool was_removed_first = false;
  } table;
  table.epoll_ctl = [](int epoll, int operation, int fd, ::epoll_event* event) {
    if (operation == EPOLL_CTL_DEL) static_cast<const Order*>(sys::table())->removed = fd;
    return ::epoll_ctl(epoll, operation, fd, event);
  };
  table.close = [](int fd) {
    const auto& order = *static_cast<const Order*>(sys::table());
    if (fd == order.removed) order.was_removed_first = true;
    return ::close(fd);
  };
  {
    const sys::TableScope scope(table);
    f.stream.reset();
  }
  EXPECT_EQ(table.removed, f.number);
  EXPECT_TRUE(table.was_removed_first);
}

TEST(R137, DroppingARegistrationForgetsTheSlots) {
  Fixture f;
  MockTask reader, writer;
  Waker read_waker = reader.waker(), write_waker = writer.waker();
  Context read_cx(read_waker), write_cx(write_waker);
  EXPECT_TRUE(f.stream->poll_ready(read_cx, IoDirection::kRead).is_pending());
  EXPECT_TRUE(f.stream->poll_ready(write_cx, IoDirection::kWrite).is_pending());
  f.stream.reset();
  read_waker = Waker();
  write_waker = Waker();
  EXPECT_EQ(reader.waker_ref_count(), 1);
  EXPECT_EQ(writer.waker_ref_count(), 1);
}

TEST(NG2, MovingARegistrationClosesTheOneThatWasThere) {
  Fixture f;
  Fixture g;
  *f.stream = std::move(*g.stream);
  EXPECT_FALSE(is_open(f.number));
  EXPECT_TRUE(is_open(g.number));
  f.stream.reset();
  EXPECT_FALSE(is_open(g.number));
}

}  // namespace
}  // namespace weft::internal
