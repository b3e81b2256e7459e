// Waiting for descriptors and operating on them: leaves, slots, batches.

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

TEST(R134, AWaitEndsWithTheEvent) {
  Connection c;
  MockTask task;
  Polled wait(c.stream.readable());
  EXPECT_FALSE(wait.poll(task));
  c.io.turn();  // writable only
  EXPECT_FALSE(task.take_woken());
  ASSERT_TRUE(write_text(c.peer, "x"));
  c.io.turn();
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(wait.poll(task));
  EXPECT_TRUE(wait.take());
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(R134, CachedReadinessEndsAWaitAtOnce) {
  Connection c;
  c.io.turn();
  MockTask task;
  Polled wait(c.stream.ready(Interest::kReadable | Interest::kWritable));
  ASSERT_TRUE(wait.poll(task));
  EXPECT_EQ(*wait.take(), Ready::kWritable);
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(R134, ACancelledWaitLeavesNoTrace) {
  Connection c;
  MockTask task;
  {
    Polled wait(c.stream.readable());
    EXPECT_FALSE(wait.poll(task));
    EXPECT_EQ(task.waker_ref_count(), 2);
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
  ASSERT_TRUE(write_text(c.peer, "x"));
  c.io.turn();
  EXPECT_FALSE(task.take_woken());
}

TEST(R134, AWaitThatMovesToAnotherTaskWakesThatOne) {
  Connection c;
  MockTask first, second;
  Polled wait(c.stream.readable());
  EXPECT_FALSE(wait.poll(first));
  EXPECT_FALSE(wait.poll(second));
  EXPECT_EQ(first.waker_ref_count(), 1);
  ASSERT_TRUE(write_text(c.peer, "x"));
  c.io.turn();
  EXPECT_FALSE(first.take_woken());
  EXPECT_TRUE(second.take_woken());
}

TEST(R133, ManyWaitersAllWake) {
  Connection c;
  // More than one batch.
  std::vector<std::unique_ptr<MockTask>> tasks;
  using Wait = Polled<IoReadyAwaitable<IoReadyNode>>;
  std::vector<std::unique_ptr<Wait>> waits;
  for (int i = 0; i < 100; ++i) {
    tasks.push_back(std::make_unique<MockTask>());
    waits.push_back(std::make_unique<Wait>(c.stream.readable()));
    EXPECT_FALSE(waits.back()->poll(*tasks.back()));
  }
  ASSERT_TRUE(write_text(c.peer, "x"));
  c.io.turn();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(tasks[i]->wake_count(), 1);
    EXPECT_TRUE(waits[i]->poll(*tasks[i]));
  }
}

TEST(R133, OnlyThoseWhoWaitForItAreWoken) {
  Connection c;
  fill(c.stream.as_fd());
  c.io.turn();
  c.stream.record().clear(Ready::kWritable, c.stream.record().look());
  MockTask reader, writer;
  Polled read(c.stream.readable());
  Polled write(c.stream.writable());
  EXPECT_FALSE(read.poll(reader));
  EXPECT_FALSE(write.poll(writer));
  ASSERT_TRUE(write_text(c.peer, "x"));
  c.io.turn();
  EXPECT_TRUE(reader.take_woken());
  EXPECT_FALSE(writer.take_woken());
}

// A task that destroys something when it is woken.
class Destroyer final : public Wakeable {
 public:
  explicit Destroyer(std::optional<IoRegistration>& target) : Wakeable(1, &kOps), target_(target) {}

 private:
  static void ignore(Wakeable*) noexcept {}
  static void wake(Wakeable* self) noexcept { static_cast<Destroyer*>(self)->target_.reset(); }
  static constexpr WakeOps kOps = {&wake, &wake, &ignore, &ignore};
  std::optional<IoRegistration>& target_;
};

TEST(M46, WakingMayDestroyTheSocket) {
  TestDriver io;
  auto [client, server] = tcp_pair();
  std::optional<IoRegistration> stream(io.watch(std::move(server)));
  Destroyer destroyer(stream);
  Waker waker = Waker::adopt(&destroyer);
  Context cx(waker);
  Polled wait(stream->readable());
  EXPECT_FALSE(wait.poll(cx));
  ASSERT_TRUE(write_text(client, "x"));
  io.turn();
  EXPECT_FALSE(stream);
}

TEST(MD6, OfTwoPollFormsOnlyTheLastIsWoken) {
  Connection c;
  fill(c.stream.as_fd());
  c.io.turn();
  c.stream.record().clear(Ready::kWritable, c.stream.record().look());
  MockTask first, second, writer;
  Waker first_waker = first.waker(), second_waker = second.waker(), write_waker = writer.waker();
  Context first_cx(first_waker), second_cx(second_waker), write_cx(write_waker);
  EXPECT_TRUE(c.stream.poll_ready(first_cx, IoDirection::kRead).is_pending());
  EXPECT_TRUE(c.stream.poll_ready(write_cx, IoDirection::kWrite).is_pending());
  EXPECT_TRUE(c.stream.poll_ready(second_cx, IoDirection::kRead).is_pending());
  ASSERT_TRUE(write_text(c.peer, "x"));
  c.io.turn();
  EXPECT_FALSE(first.take_woken());
  EXPECT_TRUE(second.take_woken());
  EXPECT_FALSE(writer.take_woken());
  EXPECT_TRUE(c.stream.poll_ready(second_cx, IoDirection::kRead).is_ready());
  drain(c.peer);
  c.io.turn();
  EXPECT_TRUE(writer.take_woken());
}

TEST(NG7, CoroutineWaitsAreNotAffectedByPollForms) {
  Connection c;
  MockTask slot, node;
  Waker waker = slot.waker();
  Context cx(waker);
  Polled wait(c.stream.readable());
  EXPECT_FALSE(wait.poll(node));
  EXPECT_TRUE(c.stream.poll_ready(cx, IoDirection::kRead).is_pending());
  ASSERT_TRUE(write_text(c.peer, "x"));
  c.io.turn();
  EXPECT_TRUE(slot.take_woken());
  EXPECT_TRUE(node.take_woken());
}

TEST(NG4, AnInterruptedCallIsMadeAgain) {
  Connection c;
  c.io.turn();
  MockTask task;
  int calls = 0;
  const auto interrupted = [&calls]() -> Result<int> {
    if (++calls < 1000) return Err(std::errc::interrupted);
    return calls;
  };
  Polled call(c.stream.async_io(Interest::kWritable, interrupted));
  ASSERT_TRUE(call.poll(task));
  EXPECT_EQ(*call.take(), 1000);
}

TEST(NG4, WouldBlockWaitsForTheNextEvent) {
  Connection c;
  c.io.turn();
  MockTask task;
  int calls = 0;
  const auto second = [&calls]() -> Result<int> {
    if (++calls == 1) return Err(std::errc::operation_would_block);
    return calls;
  };
  Polled call(c.stream.async_io(Interest::kReadable, second));
  EXPECT_FALSE(call.poll(task));
  EXPECT_EQ(calls, 0);
  ASSERT_TRUE(write_text(c.peer, "x"));
  c.io.turn();
  EXPECT_FALSE(call.poll(task));
  EXPECT_EQ(calls, 1);
  ASSERT_TRUE(write_text(c.peer, "x"));
  c.io.turn();
  EXPECT_EQ(task.wake_count(), 2);
  ASSERT_TRUE(call.poll(task));
  EXPECT_EQ(*call.take(), 2);
}

TEST(NG4, WouldBlockOnAClosedStreamLetsOthersRun) {
  Connection c;
  c.peer = OwnedFd();
  c.io.turn();
  MockTask task;
  int calls = 0;
  const auto never = [&calls]() -> Result<int> {
    ++calls;
    return Err(std::errc::operation_would_block);
  };
  Polled call(c.stream.async_io(Interest::kReadable, never));
  EXPECT_FALSE(call.poll(task));  // not an endless loop
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(task.take_woken());  // to be polled again
}

TEST(NG4, AnExceptionOfTheFunctionComesOut) {
  Connection c;
  c.io.turn();
  MockTask task;
  Polled call(c.stream.async_io(Interest::kWritable,
                                []() -> Result<int> { throw std::runtime_error("no"); }));
  ASSERT_TRUE(call.poll(task));
  EXPECT_THROW(static_cast<void>(call.take()), std::runtime_error);
  EXPECT_TRUE(c.stream.close());  // the call has ended all the same
}

TEST(NG4, CompletingTakesAUnitOfTheBudget) {
  Connection c;
  c.io.turn();
  MockTask task;
  const auto once = [] { return Result<int>(1); };
  Budget budget = Budget::initial();
  for (int i = 0; i < Budget::kUnits; ++i) {
    Polled call(c.stream.async_io(Interest::kWritable, once));
    ASSERT_TRUE(call.poll(task, budget));
  }
  Polled call(c.stream.async_io(Interest::kWritable, once));
  EXPECT_FALSE(call.poll(task, budget));
  EXPECT_TRUE(task.take_woken());  // polled again, with a new budget
  ASSERT_TRUE(call.poll(task));
}

TEST(NG6, WaitingTakesAUnitOfTheBudgetToo) {
  Connection c;
  c.io.turn();
  MockTask task;
  Budget budget = Budget::initial();
  for (int i = 0; i < Budget::kUnits; ++i) {
    Polled wait(c.stream.writable());
    ASSERT_TRUE(wait.poll(task, budget));
  }
  Polled wait(c.stream.writable());
  EXPECT_FALSE(wait.poll(task, budget));
}

TEST(MD12, ANewConnectionIsTriedFirst) {
  Connection c;
  ASSERT_TRUE(write_text(c.peer, "request"));
  MockTask task;
  Reading reading;
  Polled read(c.stream.perform(reading.read()));
  ASSERT_TRUE(read.poll(task));  // without a turn of the driver
  EXPECT_EQ(*read.take(), 7u);
  int tries = 0;
  Polled write(c.stream.perform(CountedWrite{bytes("answer"), &tries}));
  ASSERT_TRUE(write.poll(task));
  EXPECT_EQ(*write.take(), 6u);
}

TEST(MD12, NothingIsTriedFirstAfterTheFirstReport) {
  Connection c;
  c.io.turn();
  MockTask task;
  Reading reading;
  Polled read(c.stream.perform(reading.read()));
  EXPECT_FALSE(read.poll(task));
  EXPECT_EQ(reading.tries, 0);
}

TEST(MD12, PatientOperationsAreNotTriedFirst) {
  Connection c;
  ASSERT_TRUE(write_text(c.peer, "x"));
  MockTask task;
  Reading reading;
  Polled read(c.stream.perform(reading.patient_read()));
  EXPECT_FALSE(read.poll(task));
  EXPECT_EQ(reading.tries, 0);
  c.io.turn();
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(read.poll(task));
}

TEST(R134, AnEventDuringAWaitIsNotLost) {
  for (int round = 0; round < 200; ++round) {
    TestDriver io;
    auto [reader, writer] = pipe_pair();
    const IoRegistration pipe = io.watch(std::move(reader), IoKind::kPipe, Interest::kReadable);
    MockTask task;
    Polled wait(pipe.readable());
    std::thread other([&io, fd = writer.borrow()] {
      EXPECT_TRUE(write_text(fd, "x"));
      io.turn();
    });
    const bool at_once = wait.poll(task);
    other.join();
    if (!at_once) {
      EXPECT_TRUE(task.take_woken());
      EXPECT_TRUE(wait.poll(task));
    }
  }
}

}  // namespace
}  // namespace weft::internal
