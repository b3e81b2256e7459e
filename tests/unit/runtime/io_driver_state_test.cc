// IoState, Ready and Interest: the word of a record, transition by transition.

#include <sstream>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <weft/runtime/driver/io_state.h>
#include <weft/runtime/driver/ready.h>

namespace weft::internal {
namespace {

using runtime::Interest;
using runtime::Ready;

runtime::reactor::Event event_with(std::uint32_t bits) {
  runtime::reactor::internal::NativeEvent native{};
  native.events = bits;
  return runtime::reactor::Event(native);
}

TEST(MD5, ReadyHasTheBitsOfTheTable) {
  EXPECT_EQ(Ready::kReadable.bits(), 0x01);
  EXPECT_EQ(Ready::kWritable.bits(), 0x02);
  EXPECT_EQ(Ready::kReadClosed.bits(), 0x04);
  EXPECT_EQ(Ready::kWriteClosed.bits(), 0x08);
  EXPECT_EQ(Ready::kPriority.bits(), 0x10);
  EXPECT_EQ(Ready::kError.bits(), 0x20);
  EXPECT_EQ(Ready::kAll.bits(), 0x3f);
  EXPECT_EQ(Ready::from_bits(0xffff), Ready::kAll);
}

TEST(MD5, AnInterestIsSatisfiedByTheEndOfItsDirectionToo) {
  EXPECT_EQ(Ready::from_interest(Interest::kReadable), Ready::kReadable | Ready::kReadClosed);
  EXPECT_EQ(Ready::from_interest(Interest::kWritable), Ready::kWritable | Ready::kWriteClosed);
  EXPECT_EQ(Ready::from_interest(Interest::kPriority), Ready::kPriority | Ready::kReadClosed);
  EXPECT_EQ(Ready::from_interest(Interest::kError), Ready::kError);
  EXPECT_EQ(Ready::from_interest(Interest::kReadable | Interest::kError),
            Ready::kReadable | Ready::kReadClosed | Ready::kError);
}

TEST(MD5, EventsBecomeReadiness) {
  EXPECT_EQ(Ready::from_event(event_with(EPOLLIN)), Ready::kReadable);
  EXPECT_EQ(Ready::from_event(event_with(EPOLLOUT)), Ready::kWritable);
  EXPECT_EQ(Ready::from_event(event_with(EPOLLIN | EPOLLRDHUP)),
            Ready::kReadable | Ready::kReadClosed);
  EXPECT_EQ(Ready::from_event(event_with(EPOLLHUP)), Ready::kReadClosed | Ready::kWriteClosed);
  EXPECT_EQ(Ready::from_event(event_with(EPOLLERR)), Ready::kWriteClosed | Ready::kError);
  EXPECT_EQ(Ready::from_event(event_with(EPOLLPRI)), Ready::kReadable | Ready::kPriority);
}

TEST(MD5, PredicatesOfReady) {
  EXPECT_TRUE(Ready::kReadClosed.is_readable());
  EXPECT_TRUE(Ready::kWriteClosed.is_writable());
  EXPECT_FALSE(Ready::kReadable.is_read_closed());
  EXPECT_FALSE(Ready::kReadable.is_writable());
  EXPECT_TRUE(Ready::kWriteClosed.is_write_closed());
  EXPECT_TRUE(Ready::kPriority.is_priority());
  EXPECT_TRUE(Ready::kError.is_error());
  EXPECT_TRUE(Ready::kEmpty.is_empty());
  EXPECT_TRUE((Ready::kAll - Ready::kWritable).contains(Ready::kReadable));
  EXPECT_FALSE((Ready::kAll - Ready::kWritable).contains(Ready::kWritable));
  EXPECT_FALSE(Ready::kReadable.intersects(Ready::kWritable));
  EXPECT_EQ((Ready::kReadable | Ready::kReadClosed).to_string(), "READABLE | READ_CLOSED");
  EXPECT_EQ(Ready().to_string(), "EMPTY");
  std::ostringstream out;
  out << Ready::kAll << ' ' << (Interest::kReadable | Interest::kError);
  EXPECT_EQ(out.str(),
            "READABLE | WRITABLE | READ_CLOSED | WRITE_CLOSED | PRIORITY | ERROR READABLE | ERROR");
}

TEST(MD5, ErrorsAloneAreWatchedAsReadable) {
  using Watched = runtime::reactor::Interest;
  EXPECT_EQ(Interest::kError.to_reactor(), Watched::kReadable);
  EXPECT_EQ((Interest::kWritable | Interest::kError).to_reactor(), Watched::kWritable);
  EXPECT_EQ((Interest::kReadable | Interest::kPriority).to_reactor(),
            Watched::kReadable | Watched::kPriority);
}

TEST(MD5, InterestSets) {
  const Interest both = Interest::kReadable | Interest::kWritable;
  EXPECT_EQ(both.remove(Interest::kWritable), Interest::kReadable);
  EXPECT_EQ(both.remove(both), std::nullopt);
  EXPECT_TRUE(both.is_readable() && both.is_writable());
  EXPECT_FALSE(both.is_priority() || both.is_error());
  EXPECT_EQ(both.to_string(), "READABLE | WRITABLE");
}

TEST(R132, TheWordHoldsReadinessTickAndShutdownApart) {
  IoState state;
  EXPECT_TRUE(state.look().is_fresh());
  state.add(Ready::kReadable);
  EXPECT_EQ(state.look().tick(), 1u);
  EXPECT_EQ(state.look().ready(), Ready::kReadable);
  EXPECT_FALSE(state.look().is_shut_down());
  state.set_shut_down();
  EXPECT_TRUE(state.look().is_shut_down());
  EXPECT_EQ(state.look().tick(), 1u);
  EXPECT_EQ(state.look().ready(), Ready::kReadable);
  EXPECT_FALSE(state.look().is_closed());
}

TEST(R132, TheTickIsFifteenBitsWideAndComesRound) {
  IoState state;
  state.set_shut_down();
  for (int i = 0; i < 0x7fff; ++i) state.add(Ready::kReadable);
  EXPECT_EQ(state.look().tick(), 0x7fffu);
  state.add(Ready::kReadable);
  EXPECT_EQ(state.look().tick(), 0u);
  EXPECT_EQ(state.look().ready(), Ready::kReadable);
  EXPECT_TRUE(state.look().is_shut_down());
  EXPECT_FALSE(state.look().is_closed());
}

TEST(R133, ReportsAddUp) {
  IoState state;
  state.add(Ready::kReadable);
  state.add(Ready::kWritable);
  EXPECT_EQ(state.look().ready(), Ready::kReadable | Ready::kWritable);
  EXPECT_EQ(state.look().tick(), 2u);
}

TEST(R135, ClearingNeedsTheSameTick) {
  IoState state;
  state.add(Ready::kReadable | Ready::kWritable);
  const IoSeen old = state.look();
  state.add(Ready::kReadable);
  state.clear(Ready::kReadable, old);
  EXPECT_TRUE(state.look().ready().contains(Ready::kReadable));
  state.clear(Ready::kReadable, state.look());
  EXPECT_EQ(state.look().ready(), Ready::kWritable);
}

TEST(R139, AClearSeesAllFifteenBitsOfTheTick) {
  IoState state;
  state.add(Ready::kReadable);
  const IoSeen old = state.look();
  // An 8-bit tick would be the same again.
  for (int i = 0; i < 256; ++i) state.add(Ready::kReadable);
  state.clear(Ready::kReadable, old);
  EXPECT_EQ(state.look().ready(), Ready::kReadable);
  EXPECT_EQ(state.look().tick(), 257u);
}

TEST(R139, AClearKeepsTheTick) {
  IoState state;
  for (int i = 0; i < 300; ++i) state.add(Ready::kReadable);
  state.clear(Ready::kReadable, state.look());
  EXPECT_EQ(state.look().tick(), 300u);
  EXPECT_TRUE(state.look().ready().is_empty());
}

TEST(R139, AClearAfterShutdownKeepsTheShutdown) {
  IoState state;
  state.add(Ready::kReadable);
  const IoSeen seen = state.look();
  state.set_shut_down();
  state.clear(Ready::kReadable, seen);
  EXPECT_TRUE(state.look().is_shut_down());
  EXPECT_TRUE(state.look().ready().is_empty());
  ASSERT_TRUE(state.begin_call());
  EXPECT_FALSE(state.end_call(Ready::kAll, seen));
  EXPECT_TRUE(state.look().is_shut_down());
}

TEST(NG10, TheLastCallOfAClosedDescriptorClosesIt) {
  IoState state;
  ASSERT_TRUE(state.begin_call());
  ASSERT_TRUE(state.begin_call());
  ASSERT_TRUE(state.begin_close());
  EXPECT_FALSE(state.end_close());
  EXPECT_FALSE(state.end_call());
  EXPECT_TRUE(state.end_call());
}

TEST(NG10, WithNoCallUnderWayTheCloserCloses) {
  IoState state;
  ASSERT_TRUE(state.begin_close());
  EXPECT_TRUE(state.end_close());
}

TEST(NG10, NoCallBeginsOnAClosedDescriptor) {
  IoState state;
  ASSERT_TRUE(state.begin_close());
  EXPECT_FALSE(state.begin_call());
  EXPECT_FALSE(state.begin_close());
  EXPECT_TRUE(state.end_close());
  EXPECT_FALSE(state.begin_call());
  EXPECT_EQ(state.begin_take(), IoState::Take::kWasClosed);
}

TEST(NG10, TakingBackWaitsForNobody) {
  IoState state;
  ASSERT_TRUE(state.begin_call());
  EXPECT_EQ(state.begin_take(), IoState::Take::kInUse);
  EXPECT_FALSE(state.look().is_closed());
  EXPECT_FALSE(state.end_call());
  EXPECT_EQ(state.begin_take(), IoState::Take::kTaken);
  EXPECT_TRUE(state.end_close());
}

TEST(NG10, ACallThatEndsMayClearAndCloseInOneStep) {
  IoState state;
  state.add(Ready::kReadable);
  const IoSeen seen = state.look();
  ASSERT_TRUE(state.begin_call());
  ASSERT_TRUE(state.begin_close());
  EXPECT_FALSE(state.end_close());
  EXPECT_TRUE(state.end_call(Ready::kReadable, seen));
  EXPECT_TRUE(state.look().ready().is_empty());
}

TEST(NG10, ExactlyOneOfManyThreadsCloses) {
  for (int round = 0; round < 50; ++round) {
    IoState state;
    loom::Atomic<int> closers{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        while (state.begin_call()) {
          if (state.end_call()) closers.fetch_add(1, std::memory_order_relaxed);
        }
      });
    }
    ASSERT_TRUE(state.begin_close());
    if (state.end_close()) closers.fetch_add(1, std::memory_order_relaxed);
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(closers.load(std::memory_order_relaxed), 1);
  }
}

}  // namespace
}  // namespace weft::internal
