// IoDriver: turns, registration, release and shutdown.

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <optional>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include <tests/unit/runtime/io_driver_support.h>
#include <weft/base/sys_table.h>
#include <weft/runtime/shutdown_error.h>

namespace weft::internal {
namespace {

using test_support::open_fd_count;
using test_support::pipe_pair;
using test_support::tcp_pair;
using test_support::write_text;

TEST(R131, UnparkEndsATurnThatIsUnderWay) {
  TestDriver io;
  std::thread other([&io] { io.driver->unpark(); });
  io.driver->turn(std::nullopt);
  other.join();
}

TEST(R131, AnUnparkBeforeTheTurnCounts) {
  TestDriver io;
  io.driver->unpark();
  io.driver->unpark();
  EXPECT_FALSE(io.driver->turn(std::nullopt));
}

TEST(R131, ATurnTellsWhetherDescriptorsHadEvents) {
  TestDriver io;
  auto [reader, writer] = pipe_pair();
  const IoRegistration made = io.watch(std::move(reader), IoKind::kPipe, Interest::kReadable);
  EXPECT_FALSE(io.driver->turn(std::chrono::nanoseconds::zero()));
  ASSERT_TRUE(write_text(writer, "x"));
  EXPECT_TRUE(io.driver->turn(std::chrono::nanoseconds::zero()));
  EXPECT_FALSE(io.driver->turn(std::chrono::nanoseconds::zero()));
}

TEST(R131, AnInterruptedTurnIsAnEmptyOne) {
  TestDriver io;
  sys::Table table;
  table.epoll_wait = [](int, ::epoll_event*, int, int) {
    errno = EINTR;
    return -1;
  };
  const sys::TableScope scope(table);
  io.driver->turn(std::nullopt);
}

TEST(R131, AnotherErrorOfThePollIsFatal) {
  TestDriver io;
  sys::Table table;
  table.epoll_wait = [](int, ::epoll_event*, int, int) {
    errno = EBADF;
    return -1;
  };
  const sys::TableScope scope(table);
  EXPECT_DEATH(io.driver->turn(std::nullopt), "reactor's poll failed");
}

TEST(R132, RecordsShareNoCacheLines) {
  static_assert(alignof(IoRecord) == 128);
  static_assert(sizeof(IoRecord) % 128 == 0);
  TestDriver io;
  auto [reader, writer] = pipe_pair();
  const IoRegistration one = io.watch(std::move(reader), IoKind::kPipe);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&one.record()) % 128, 0u);
}

TEST(R133, AnEventBecomesReadinessOfItsDescriptorOnly) {
  TestDriver io;
  auto [client, server] = tcp_pair();
  const IoRegistration one = io.watch(std::move(server));
  const IoRegistration other = io.watch(client.try_clone().value());
  io.turn();
  EXPECT_EQ(one.record().look().ready(), Ready::kWritable);
  ASSERT_TRUE(write_text(client, "x"));
  io.turn();
  EXPECT_EQ(one.record().look().ready(), Ready::kReadable | Ready::kWritable);
  EXPECT_EQ(other.record().look().ready(), Ready::kWritable);
}

TEST(R137, RegisteringFailsAfterShutdownAndGivesTheDescriptorBack) {
  TestDriver io;
  io.driver->shutdown();
  auto [reader, writer] = pipe_pair();
  const int number = reader.raw();
  const Result<IoRegistration> made =
      IoRegistration::create(*io.driver, std::move(reader), IoKind::kPipe);
  EXPECT_EQ(made.error(), Errc::runtime_shutdown);
  EXPECT_EQ(reader.raw(), number);
}

TEST(R137, AFailedRegistrationIsForgotten) {
  TestDriver io;
  const std::size_t before = open_fd_count();
  auto [reader, writer] = pipe_pair();
  for (const int error : {ENOMEM, ENOSPC}) {
    struct Failing : sys::Table {
      int error;
    } table;
    table.error = error;
    table.epoll_ctl = [](int, int, int, ::epoll_event*) {
      errno = static_cast<const Failing*>(sys::table())->error;
      return -1;
    };
    const sys::TableScope scope(table);
    const Result<IoRegistration> made =
        IoRegistration::create(*io.driver, std::move(reader), IoKind::kPipe);
    EXPECT_EQ(made.error(), Error::from_errno(error));
    ASSERT_TRUE(reader);
  }
  // The same descriptor can be registered now, and works.
  const IoRegistration made = io.watch(std::move(reader), IoKind::kPipe);
  ASSERT_TRUE(write_text(writer, "x"));
  io.turn();
  EXPECT_TRUE(made.record().look().ready().is_readable());
  EXPECT_EQ(open_fd_count(), before + 2);
}

TEST(R137, ADeregisteredRecordLivesUntilTheNextTurn) {
  TestDriver io;
  auto [reader, writer] = pipe_pair();
  std::optional<IoRegistration> made(io.watch(std::move(reader), IoKind::kPipe));
  // Kept by the test only to see who else lets go of it.
  RefPtr<IoRecord> record(made->record());
  made.reset();
  EXPECT_TRUE(record->look().is_closed());
  const IoRecord* const address = record.get();
  record.reset();
  // The driver's reference alone keeps it: AddressSanitizer would object otherwise.
  EXPECT_TRUE(address->look().is_closed());
  io.turn();
}

TEST(R137, SixteenDeregistrationsUnparkTheDriver) {
  TestDriver io;
  std::vector<IoRegistration> all;
  for (int i = 0; i < 16; ++i) {
    auto [reader, writer] = pipe_pair();
    all.push_back(io.watch(std::move(reader), IoKind::kPipe));
  }
  io.turn();
  struct Counting : sys::Table {
    mutable int wakes = 0;
  } table;
  table.write = [](int fd, const void* in, std::size_t size) -> ssize_t {
    if (size == 8) ++static_cast<const Counting*>(sys::table())->wakes;
    return ::write(fd, in, size);
  };
  const sys::TableScope scope(table);
  for (int i = 0; i < 15; ++i) all.pop_back();
  EXPECT_EQ(table.wakes, 0);
  all.pop_back();
  EXPECT_EQ(table.wakes, 1);
  io.driver->turn(std::nullopt);  // returns: it was unparked
}

TEST(MD7, ARecordWhoseRemovalFailedIsKeptUntilShutdown) {
  TestDriver io;
  auto [reader, writer] = pipe_pair();
  const OwnedFd duplicate = reader.try_clone().value();
  IoRegistration made = io.watch(std::move(reader), IoKind::kPipe);
  // Other code closes the descriptor; its duplicate keeps the registration alive.
  ::close(made.as_fd().raw());
  EXPECT_FALSE(made.close());
  ASSERT_TRUE(write_text(writer, "x"));
  io.turn();
  io.turn();  // the record is still there to take the event
}

TEST(N62, ADuplicatedDescriptorThatWasClosedMakesNoEvents) {
  TestDriver io;
  auto [reader, writer] = pipe_pair();
  const OwnedFd duplicate = reader.try_clone().value();
  {
    const IoRegistration made = io.watch(std::move(reader), IoKind::kPipe);
  }
  io.turn();
  ASSERT_TRUE(write_text(writer, "x"));
  io.turn();
}

TEST(R138, ShutdownWakesEveryWaiter) {
  TestDriver io;
  auto [client, server] = tcp_pair();
  const IoRegistration made = io.watch(std::move(server));
  MockTask first, second, reader;
  Polled one(made.readable());
  Polled two(made.ready(Interest::kPriority));
  Waker waker = reader.waker();
  Context cx(waker);
  EXPECT_FALSE(one.poll(first));
  EXPECT_FALSE(two.poll(second));
  EXPECT_TRUE(made.poll_ready(cx, IoDirection::kRead).is_pending());
  io.driver->shutdown();
  EXPECT_TRUE(first.take_woken());
  EXPECT_TRUE(second.take_woken());
  EXPECT_TRUE(reader.take_woken());
  ASSERT_TRUE(one.poll(first));
  EXPECT_EQ(one.take().error(), Errc::runtime_shutdown);
  ASSERT_TRUE(two.poll(second));
  EXPECT_EQ(two.take().error(), Errc::runtime_shutdown);
  EXPECT_EQ((*made.poll_ready(cx, IoDirection::kRead)).error(), Errc::runtime_shutdown);
}

TEST(R138, AWaitAfterShutdownEndsAtOnceThoughThereIsData) {
  TestDriver io;
  auto [client, server] = tcp_pair();
  const IoRegistration made = io.watch(std::move(server));
  ASSERT_TRUE(write_text(client, "x"));
  io.turn();
  io.driver->shutdown();
  MockTask task;
  Reading reading;
  Polled read(made.perform(reading.read()));
  ASSERT_TRUE(read.poll(task));
  EXPECT_EQ(read.take().error(), Errc::runtime_shutdown);
  EXPECT_EQ(reading.tries, 0);
}

TEST(R138, DescriptorsOutliveTheDriver) {
  const std::size_t before = open_fd_count();
  std::optional<IoRegistration> made;
  auto [client, server] = tcp_pair();
  {
    TestDriver io;
    made.emplace(io.watch(std::move(server)));
  }
  made.reset();
  EXPECT_EQ(open_fd_count(), before + 1);  // the client, which is ours
}

TEST(R138, ShutdownAndWaitingMayRace) {
  for (int round = 0; round < 100; ++round) {
    TestDriver io;
    auto [reader, writer] = pipe_pair();
    const IoRegistration made = io.watch(std::move(reader), IoKind::kPipe);
    MockTask task;
    Polled wait(made.readable());
    std::thread other([&io] { io.driver->shutdown(); });
    const bool at_once = wait.poll(task);
    other.join();
    if (!at_once) {
      EXPECT_TRUE(task.take_woken());
      ASSERT_TRUE(wait.poll(task));
    }
    EXPECT_EQ(wait.take().error(), Errc::runtime_shutdown);
    made.record().clear(Ready::kAll, made.record().look());  // harmless
  }
}

TEST(R33, OnlyTheDriversErrorIsAShutdownError) {
  TestDriver io;
  io.driver->shutdown();
  auto [reader, writer] = pipe_pair();
  const Result<IoRegistration> made =
      IoRegistration::create(*io.driver, std::move(reader), IoKind::kPipe);
  EXPECT_TRUE(runtime::is_rt_shutdown_err(made.error()));
  EXPECT_FALSE(runtime::is_rt_shutdown_err(Errc::cancelled));
  EXPECT_FALSE(runtime::is_rt_shutdown_err(Errc::closed));
  EXPECT_FALSE(
      runtime::is_rt_shutdown_err(Error::from_errno(static_cast<int>(Errc::runtime_shutdown))));
}

TEST(R137, NothingLeaks) {
  const std::size_t before = open_fd_count();
  {
    TestDriver io;
    for (int i = 0; i < 100; ++i) {
      auto [client, server] = tcp_pair();
      const IoRegistration one = io.watch(std::move(client));
      const IoRegistration two = io.watch(std::move(server));
      io.turn();
    }
  }
  EXPECT_EQ(open_fd_count(), before);
}

TEST(R137, ADriverThatCannotBeMadeLeaksNothing) {
  const std::size_t before = open_fd_count();
  sys::Table table;
  table.eventfd = [](unsigned, int) {
    errno = EMFILE;
    return -1;
  };
  {
    const sys::TableScope scope(table);
    EXPECT_EQ(IoDriver::create(16).error(), std::errc::too_many_files_open);
  }
  EXPECT_EQ(open_fd_count(), before);
}

}  // namespace
}  // namespace weft::internal
