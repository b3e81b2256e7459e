// Cached readiness: what uses it up, and what is done without a system call.

#include <cerrno>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <tests/unit/runtime/io_driver_support.h>
#include <weft/base/sys_table.h>

namespace weft::internal {
namespace {

using test_support::drain;
using test_support::fill;
using test_support::pipe_pair;
using test_support::read_text;
using test_support::tcp_pair;
using test_support::write_text;

// A connection: one end watched, the other raw.
struct Connection {
  TestDriver io;
  test_support::FdPair ends = tcp_pair();
  OwnedFd& peer = ends.first;
  IoRegistration stream = io.watch(std::move(ends.second));
};

TEST(R135, WouldBlockClearsTheReadiness) {
  Connection c;
  ASSERT_TRUE(write_text(c.peer, "x"));
  c.io.turn();
  EXPECT_EQ(*read_text(c.stream.as_fd()), "x");  // behind the driver's back
  MockTask task;
  Reading reading;
  Polled read(c.stream.perform(reading.read()));
  EXPECT_FALSE(read.poll(task));
  EXPECT_EQ(reading.tries, 1);
  EXPECT_EQ(c.stream.record().look().ready(), Ready::kWritable);
  ASSERT_TRUE(write_text(c.peer, "yz"));
  c.io.turn();
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(read.poll(task));
  EXPECT_EQ(*read.take(), 2u);
}

TEST(R135, AShortReadSparesTheCallThatWouldBlock) {
  Connection c;
  ASSERT_TRUE(write_text(c.peer, "hello"));
  c.io.turn();
  MockTask task;
  Reading reading;
  Polled first(c.stream.perform(reading.read()));
  ASSERT_TRUE(first.poll(task));
  EXPECT_EQ(*first.take(), 5u);
  Polled second(c.stream.perform(reading.read()));
  EXPECT_FALSE(second.poll(task));
  EXPECT_EQ(reading.tries, 1);
}

TEST(R135, AFullReadKeepsTheReadiness) {
  Connection c;
  ASSERT_TRUE(write_text(c.peer, "hello"));
  c.io.turn();
  MockTask task;
  Reading reading;
  Polled first(c.stream.perform(reading.read(5)));
  ASSERT_TRUE(first.poll(task));
  EXPECT_TRUE(c.stream.record().look().ready().is_readable());
}

TEST(R135, AShortReadOfADatagramMeansNothing) {
  TestDriver io;
  const OwnedFd sender = test_support::udp_socket();
  OwnedFd receiver = test_support::udp_socket();
  ::sockaddr_storage to{};
  ::socklen_t size = sizeof to;
  ASSERT_TRUE(sys::getsockname(receiver, reinterpret_cast<::sockaddr*>(&to), &size));
  ASSERT_TRUE(sys::connect(sender, reinterpret_cast<::sockaddr*>(&to), size));
  const IoRegistration socket = io.watch(std::move(receiver), IoKind::kDatagram);
  ASSERT_TRUE(write_text(sender, "one"));
  ASSERT_TRUE(write_text(sender, "four"));
  io.turn();
  MockTask task;
  Reading reading;
  for (const std::size_t length : {3u, 4u}) {
    Polled read(socket.perform(reading.read()));
    ASSERT_TRUE(read.poll(task));
    EXPECT_EQ(*read.take(), length);
  }
}

TEST(R135, ClosedBitsOfAStreamAreNeverCleared) {
  Connection c;
  ASSERT_TRUE(write_text(c.peer, "hello"));
  c.peer = OwnedFd();
  c.io.turn();
  MockTask task;
  Reading reading;
  Polled first(c.stream.perform(reading.read()));
  ASSERT_TRUE(first.poll(task));
  EXPECT_EQ(*first.take(), 5u);  // short: readable is cleared, closed is not
  EXPECT_EQ(c.stream.record().look().ready() & Ready::from_interest(Interest::kReadable),
            Ready::kReadClosed);
  Polled second(c.stream.perform(reading.read()));
  ASSERT_TRUE(second.poll(task));
  EXPECT_EQ(*second.take(), 0u);
  c.stream.record().clear(Ready::kAll, c.stream.record().look());
  EXPECT_TRUE(c.stream.record().look().ready().is_read_closed());
}

TEST(MD11, ClosedBitsOfAPipeAreClearedByWouldBlock) {
  TestDriver io;
  auto [reader, writer] = pipe_pair();
  const IoRegistration pipe = io.watch(std::move(reader), IoKind::kPipe, Interest::kReadable);
  pipe.record().report(Ready::kReadable | Ready::kReadClosed);  // the last writer has left
  MockTask task;
  Reading reading;
  Polled read(pipe.perform(reading.read()));  // and another one came
  EXPECT_FALSE(read.poll(task));
  EXPECT_EQ(reading.tries, 1);
  EXPECT_TRUE(pipe.record().look().ready().is_empty());
  ASSERT_TRUE(write_text(writer, "x"));
  io.turn();
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(read.poll(task));
  EXPECT_EQ(*read.take(), 1u);
}

TEST(MD11, AShortReadOfAPipeKeepsItsClosedBit) {
  TestDriver io;
  auto [reader, writer] = pipe_pair();
  const IoRegistration pipe = io.watch(std::move(reader), IoKind::kPipe, Interest::kReadable);
  ASSERT_TRUE(write_text(writer, "x"));
  writer = OwnedFd();
  io.turn();
  MockTask task;
  Reading reading;
  Polled first(pipe.perform(reading.read()));
  ASSERT_TRUE(first.poll(task));
  EXPECT_EQ(*first.take(), 1u);
  Polled second(pipe.perform(reading.read()));
  ASSERT_TRUE(second.poll(task));  // no event would come any more
  EXPECT_EQ(*second.take(), 0u);
}

TEST(R136, TryWithoutCachedReadinessMakesNoCall) {
  Connection c;
  ASSERT_TRUE(write_text(c.peer, "x"));
  Reading reading;
  EXPECT_EQ(c.stream.attempt(reading.read()).error(), std::errc::operation_would_block);
  EXPECT_EQ(reading.tries, 0);
  c.io.turn();
  EXPECT_EQ(*c.stream.attempt(reading.read()), 1u);
  EXPECT_EQ(reading.tries, 1);
}

TEST(R136, TryIoCallsOnlyWhenReadyAndClearsOnWouldBlock) {
  Connection c;
  int calls = 0;
  const auto blocking = [&calls]() -> Result<int> {
    ++calls;
    return Err(std::errc::operation_would_block);
  };
  EXPECT_EQ(c.stream.try_io(Interest::kWritable, blocking).error(),
            std::errc::operation_would_block);
  EXPECT_EQ(calls, 0);
  c.io.turn();
  EXPECT_EQ(c.stream.try_io(Interest::kWritable, blocking).error(),
            std::errc::operation_would_block);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(c.stream.try_io(Interest::kWritable, blocking).error(),
            std::errc::operation_would_block);
  EXPECT_EQ(calls, 1);
}

TEST(NG5, ACombinedInterestIsTheUnion) {
  Connection c;
  c.io.turn();
  const auto once = [] { return Result<int>(7); };
  EXPECT_EQ(*c.stream.try_io(Interest::kReadable | Interest::kWritable, once), 7);
  EXPECT_EQ(c.stream.try_io(Interest::kReadable, once).error(), std::errc::operation_would_block);
}

TEST(NG8, TriesMayStillSucceedAfterShutdown) {
  Connection c;
  ASSERT_TRUE(write_text(c.peer, "x"));
  c.io.turn();
  c.io.driver->shutdown();
  Reading reading;
  EXPECT_EQ(*c.stream.attempt(reading.read()), 1u);
}

TEST(R136, AnEchoIsOneReadAndOneWrite) {
  Connection c;
  c.io.turn();
  MockTask task;
  Reading reading;
  int writes = 0;
  for (int i = 0; i < 10; ++i) {
    Polled read(c.stream.perform(reading.read()));
    EXPECT_FALSE(read.poll(task));
    ASSERT_TRUE(write_text(c.peer, "ping"));
    c.io.turn();
    ASSERT_TRUE(read.poll(task));
    Polled write(c.stream.perform(CountedWrite{bytes("pong"), &writes}));
    ASSERT_TRUE(write.poll(task));
    EXPECT_EQ(*read_text(c.peer), "pong");
  }
  EXPECT_EQ(reading.tries, 10);
  EXPECT_EQ(writes, 10);
}

TEST(R134, ReadinessStaysUntilItIsCleared) {
  Connection c;
  c.io.turn();
  ASSERT_TRUE(write_text(c.peer, "x"));
  c.io.turn();
  EXPECT_EQ(*read_text(c.stream.as_fd()), "x");
  MockTask task;
  for (int i = 0; i < 2; ++i) {
    Polled wait(c.stream.readable());
    EXPECT_TRUE(wait.poll(task));
  }
  c.stream.record().clear(Ready::kReadable, c.stream.record().look());
  Polled wait(c.stream.readable());
  EXPECT_FALSE(wait.poll(task));
  ASSERT_TRUE(write_text(c.peer, "x"));
  c.io.turn();
  EXPECT_TRUE(wait.poll(task));
}

TEST(MD5, OutOfBandDataEndsAWaitForPriority) {
  TestDriver io;
  auto [client, server] = tcp_pair();
  const IoRegistration stream =
      io.watch(std::move(server), IoKind::kStream, Interest::kReadable | Interest::kPriority);
  MockTask task;
  Polled wait(stream.ready(Interest::kPriority));
  EXPECT_FALSE(wait.poll(task));
  ASSERT_TRUE(sys::send(client, bytes("!"), MSG_OOB));
  io.turn();
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(wait.poll(task));
  EXPECT_EQ(*wait.take(), Ready::kPriority);
}

}  // namespace
}  // namespace weft::internal
