// Bounded channels: the senders' side (SY-72 .. SY-78), and what both sides share.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/tracked.h>
#include <weft/loom/thread.h>
#include <weft/runtime/coop.h>
#include <weft/sync/mpsc.h>
#include <weft/sync/semaphore.h>

namespace weft::sync::mpsc {
namespace {

using test_support::MockTask;
using test_support::Polled;
using test_support::Tracked;

// The result of an awaitable that completes at its first poll.
template <class A>
auto now(A&& awaitable) {
  MockTask task;
  Polled wait(std::forward<A>(awaitable));
  EXPECT_TRUE(wait.poll(task));
  return wait.take();
}

template <class A>
bool is_pending(A&& awaitable) {
  MockTask task;
  Polled wait(std::forward<A>(awaitable));
  return !wait.poll(task);
}

TEST(SY72, MessagesArriveInTheOrderSent) {
  auto [tx, rx] = channel<int>(200);
  Sender<int> other = tx;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(now(tx.send(2 * i)));
    ASSERT_TRUE(now(other.send(2 * i + 1)));
  }
  for (int i = 0; i < 200; ++i) EXPECT_EQ(now(rx.recv()), i);
}

TEST(SY73, CapacityZeroIsFatal) {
  EXPECT_DEATH((void)channel<int>(0), "mpsc_send_test.cc.*capacity must not be 0");
  EXPECT_DEATH((void)channel<int>(Semaphore::kMaxPermits + 1), "mpsc_send_test.cc.*kMaxPermits");
}

TEST(SY73, TheMostCapacityIsLegal) {
  auto [tx, rx] = channel<int>(Semaphore::kMaxPermits);
  EXPECT_EQ(tx.capacity(), Semaphore::kMaxPermits);
  EXPECT_EQ(rx.max_capacity(), Semaphore::kMaxPermits);
}

TEST(SY73, AMessageHoldsItsPermitUntilItIsReceived) {
  auto [tx, rx] = channel<int>(2);
  ASSERT_TRUE(tx.try_send(1));
  ASSERT_TRUE(tx.try_send(2));
  EXPECT_EQ(tx.capacity(), 0u);
  EXPECT_TRUE(tx.try_send(3).error().is_full());
  EXPECT_EQ(now(rx.recv()), 1);
  EXPECT_EQ(tx.capacity(), 1u);
  EXPECT_TRUE(tx.try_send(3));
  EXPECT_TRUE(tx.try_send(4).error().is_full());
}

TEST(SY74, SendersWaitInOrder) {
  auto [tx, rx] = channel<int>(1);
  ASSERT_TRUE(tx.try_send(0));
  MockTask first, second;
  Polled a(tx.send(1)), b(tx.send(2));
  ASSERT_FALSE(a.poll(first));
  ASSERT_FALSE(b.poll(second));
  EXPECT_EQ(now(rx.recv()), 0);
  EXPECT_TRUE(first.take_woken());
  EXPECT_FALSE(second.take_woken());
  ASSERT_TRUE(a.poll(first));
  EXPECT_TRUE(a.take());
  EXPECT_EQ(now(rx.recv()), 1);
  EXPECT_TRUE(second.take_woken());
  ASSERT_TRUE(b.poll(second));
  EXPECT_TRUE(b.take());
  EXPECT_EQ(now(rx.recv()), 2);
}

TEST(SY74, AFailedSendGivesTheValueBack) {
  auto [tx, rx] = channel<int>(1);
  ASSERT_TRUE(tx.try_send(0));
  MockTask task;
  Polled waiting(tx.send(1));
  ASSERT_FALSE(waiting.poll(task));
  rx.close();
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(waiting.poll(task));
  EXPECT_EQ(waiting.take().error().value, 1);
  EXPECT_EQ(now(tx.send(2)).error().value, 2);
}

TEST(SY74, ADestroyedSendDestroysItsMessageUnsent) {
  Tracked::Count alive;
  auto [tx, rx] = channel<Tracked>(1);
  ASSERT_TRUE(tx.try_send(Tracked(alive, 0)));
  MockTask task;
  {
    Polled waiting(tx.send(Tracked(alive, 1)));
    ASSERT_FALSE(waiting.poll(task));
    EXPECT_EQ(alive.count(), 2);
  }
  EXPECT_EQ(alive.count(), 1);
  EXPECT_EQ(now(rx.recv())->value(), 0);
  EXPECT_TRUE(rx.try_recv().error().is_empty());
}

TEST(SY74, ASendThatIsAwaitedAgainStillHasItsMessage) {
  auto [tx, rx] = channel<std::unique_ptr<int>>(1);
  ASSERT_TRUE(tx.try_send(nullptr));
  MockTask task;
  auto send = tx.send(std::make_unique<int>(5));
  {
    Polled lost(send);
    ASSERT_FALSE(lost.poll(task));
  }
  ASSERT_TRUE(now(rx.recv()));
  ASSERT_TRUE(now(send));
  EXPECT_EQ(**now(rx.recv()), 5);
}

TEST(SY75, TrySendIsFullOrClosedAndClosedWins) {
  auto [tx, rx] = channel<int>(1);
  ASSERT_TRUE(tx.try_send(1));
  auto full = tx.try_send(2);
  ASSERT_FALSE(full);
  EXPECT_TRUE(full.error().is_full());
  EXPECT_FALSE(full.error().is_closed());
  EXPECT_EQ(full.error().value, 2);
  rx.close();
  auto closed = tx.try_send(3);
  ASSERT_FALSE(closed);
  EXPECT_TRUE(closed.error().is_closed());
  EXPECT_FALSE(closed.error().is_full());
  EXPECT_EQ(closed.error().value, 3);
}

TEST(SY76, APermitSendsWithoutWaiting) {
  auto [tx, rx] = channel<int>(1);
  auto permit = now(tx.reserve());
  ASSERT_TRUE(permit);
  EXPECT_EQ(tx.capacity(), 0u);
  EXPECT_TRUE(is_pending(tx.send(9)));
  std::move(*permit).send(1);
  EXPECT_EQ(tx.capacity(), 0u);
  EXPECT_EQ(now(rx.recv()), 1);
  EXPECT_EQ(tx.capacity(), 1u);
}

TEST(SY76, ADestroyedPermitReturnsItsSlot) {
  auto [tx, rx] = channel<int>(1);
  MockTask task;
  {
    auto permit = tx.try_reserve();
    ASSERT_TRUE(permit);
    EXPECT_TRUE(tx.try_reserve().error().is_full());
  }
  EXPECT_EQ(tx.capacity(), 1u);
  EXPECT_TRUE(tx.try_reserve());
}

TEST(SY76, APermitIsUsedOnce) {
  auto [tx, rx] = channel<int>(2);
  auto permit = now(tx.reserve());
  std::move(*permit).send(1);
  EXPECT_DEATH(std::move(*permit).send(2), "mpsc_send_test.cc.*this permit has been used");
}

TEST(SY76, OwnedPermitsGiveTheSenderBack) {
  auto [tx, rx] = channel<int>(1);
  auto permit = now(Sender<int>(tx).reserve_owned());
  ASSERT_TRUE(permit);
  EXPECT_EQ(rx.sender_strong_count(), 2u);
  Sender<int> back = std::move(*permit).send(1);
  EXPECT_TRUE(back.same_channel(tx));
  EXPECT_EQ(now(rx.recv()), 1);

  auto second = std::move(back).try_reserve_owned();
  ASSERT_TRUE(second);
  EXPECT_EQ(tx.capacity(), 0u);
  Sender<int> again = std::move(*second).release();
  EXPECT_TRUE(again.same_channel(tx));
  EXPECT_EQ(tx.capacity(), 1u);

  {
    auto third = std::move(again).try_reserve_owned();
    ASSERT_TRUE(third);
    EXPECT_EQ(tx.capacity(), 0u);
  }
  EXPECT_EQ(tx.capacity(), 1u);
  EXPECT_EQ(rx.sender_strong_count(), 1u);
}

TEST(SY76, AFailedTryReserveOwnedKeepsTheSender) {
  auto [tx, rx] = channel<int>(1);
  ASSERT_TRUE(tx.try_send(1));
  auto full = Sender<int>(tx).try_reserve_owned();
  ASSERT_FALSE(full);
  EXPECT_TRUE(full.error().is_full());
  Sender<int> kept = std::move(full.error().value);
  EXPECT_TRUE(kept.same_channel(tx));
  rx.close();
  auto closed = std::move(kept).try_reserve_owned();
  ASSERT_FALSE(closed);
  EXPECT_TRUE(closed.error().is_closed());
  EXPECT_TRUE(closed.error().value.same_channel(tx));
}

TEST(SY76, AFailedReserveOwnedLosesTheSender) {
  auto [tx, rx] = channel<int>(1);
  rx.close();
  EXPECT_FALSE(now(Sender<int>(tx).reserve_owned()));
  EXPECT_EQ(rx.sender_strong_count(), 1u);
}

TEST(SY77, ReserveManyIsAllOrNothing) {
  auto [tx, rx] = channel<int>(3);
  ASSERT_TRUE(tx.try_send(0));
  MockTask task;
  Polled waiting(tx.reserve_many(3));
  ASSERT_FALSE(waiting.poll(task));
  EXPECT_EQ(now(rx.recv()), 0);
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(waiting.poll(task));
  auto permits = waiting.take();
  ASSERT_TRUE(permits);
  EXPECT_EQ(permits->size(), 3u);
  int sent = 0;
  while (std::optional<Permit<int>> permit = permits->next()) {
    std::move(*permit).send(++sent);
    if (sent == 2) break;
  }
  EXPECT_EQ(permits->size(), 1u);
  EXPECT_EQ(tx.capacity(), 0u);
  {
    auto gone = std::move(*permits);
  }
  EXPECT_EQ(tx.capacity(), 1u);  // the undrawn one
  EXPECT_EQ(now(rx.recv()), 1);
  EXPECT_EQ(now(rx.recv()), 2);
}

TEST(SY77, MoreThanTheCapacityFailsAtOnce) {
  auto [tx, rx] = channel<int>(3);
  EXPECT_FALSE(now(tx.reserve_many(4)));
  EXPECT_FALSE(now(tx.reserve_many(SIZE_MAX)));
  EXPECT_TRUE(tx.try_reserve_many(4).error().is_full());
  EXPECT_TRUE(tx.try_reserve_many(SIZE_MAX).error().is_full());
  EXPECT_EQ(tx.capacity(), 3u);
}

TEST(SY77, NoneSucceedsWhenFullAndFailsWhenClosed) {
  auto [tx, rx] = channel<int>(1);
  ASSERT_TRUE(tx.try_send(1));
  auto none = now(tx.reserve_many(0));
  ASSERT_TRUE(none);
  EXPECT_EQ(none->size(), 0u);
  EXPECT_FALSE(none->next());
  EXPECT_TRUE(tx.try_reserve_many(0));
  rx.close();
  EXPECT_FALSE(now(tx.reserve_many(0)));
  EXPECT_TRUE(tx.try_reserve_many(0).error().is_closed());
}

TEST(SY78, APermitOutlivingTheReceiverSendsIntoTheVoid) {
  Tracked::Count alive;
  {
    auto [tx, rx] = channel<Tracked>(1);
    auto permit = now(tx.reserve());
    ASSERT_TRUE(permit);
    {
      Receiver<Tracked> gone = std::move(rx);
    }
    std::move(*permit).send(Tracked(alive, 1));
    EXPECT_EQ(alive.count(), 1);
  }
  EXPECT_EQ(alive.count(), 0);
}

TEST(SY8, MpscSendAndRecvTakeBudget) {
  auto [tx, rx] = channel<int>(1000);
  MockTask task;
  Budget budget = Budget::initial();
  int sent = 0;
  for (int i = 0; i < Budget::kUnits + 5; ++i) {
    Polled send(tx.send(i));
    if (!send.poll(task, budget)) continue;
    ++sent;
    EXPECT_TRUE(send.take());
  }
  EXPECT_EQ(sent, Budget::kUnits);
  budget = Budget::initial();
  int received = 0;
  for (int i = 0; i < Budget::kUnits; ++i) {
    Polled recv(rx.recv());
    if (!recv.poll(task, budget)) continue;
    ++received;
    EXPECT_TRUE(recv.take());
  }
  EXPECT_EQ(received, Budget::kUnits);
  EXPECT_FALSE(budget.has_remaining());
}

TEST(SY8, RecvManyTakesBudgetAlsoWithLimitZero) {
  auto [tx, rx] = channel<int>(1);
  MockTask task;
  Budget budget = Budget::initial();
  std::vector<int> out;
  int completed = 0;
  for (int i = 0; i < Budget::kUnits + 5; ++i) {
    if (Polled recv(rx.recv_many(out, 0)); recv.poll(task, budget)) ++completed;
  }
  EXPECT_EQ(completed, Budget::kUnits);
}

TEST(SY8, MpscClosedTakesNoBudget) {
  auto [tx, rx] = channel<int>(1);
  rx.close();
  MockTask task;
  Budget budget = Budget::initial();
  for (int i = 0; i < 2 * Budget::kUnits; ++i) {
    Polled closed(tx.closed());
    ASSERT_TRUE(closed.poll(task, budget));
  }
  EXPECT_TRUE(budget.has_remaining());
}

TEST(SY9, BlockingSendAndRecvOnPlainThreads) {
  constexpr int kMessages = 1000;
  auto [tx, rx] = channel<int>(2);
  auto sender = std::make_shared<std::optional<Sender<int>>>(std::move(tx));
  Result<loom::Thread> thread = loom::Thread::spawn({}, [sender] {
    for (int i = 0; i < kMessages; ++i) EXPECT_TRUE((*sender)->blocking_send(i));
    sender->reset();
  });
  ASSERT_TRUE(thread);
  int expected = 0;
  while (std::optional<int> value = rx.blocking_recv()) EXPECT_EQ(*value, expected++);
  EXPECT_EQ(expected, kMessages);
  thread->join();
}

TEST(SY9, BlockingRecvManyEndsWithTheChannel) {
  auto [tx, rx] = channel<int>(8);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(tx.try_send(i));
  {
    Sender<int> gone = std::move(tx);
  }
  std::vector<int> out;
  EXPECT_EQ(rx.blocking_recv_many(out, 3), 3u);
  EXPECT_EQ(rx.blocking_recv_many(out, 3), 2u);
  EXPECT_EQ(rx.blocking_recv_many(out, 3), 0u);
}

TEST(SY66, ABlockOfHugeMessagesIsBuiltOnTheHeap) {
  struct Huge {
    std::array<char, 2 << 20> bytes;
  };
  auto [tx, rx] = channel<std::unique_ptr<Huge>>(1);
  ASSERT_TRUE(tx.try_send(std::make_unique<Huge>()));
  // 32 slots of 256 KiB are as large as a thread's stack.
  struct Large {
    std::array<char, 256 << 10> bytes;
  };
  auto [large_tx, large_rx] = unbounded_channel<Large>();
  auto large = std::make_unique<Large>();
  large->bytes[7] = 'x';
  ASSERT_TRUE(large_tx.send(*large));
  EXPECT_EQ(large_rx.try_recv()->bytes[7], 'x');
}

TEST(SY119, MessagesMustMoveWithoutThrowing) {
  struct Throwing {
    Throwing(Throwing&&) noexcept(false) {}
    int value = 0;
  };
  static_assert(!sync::internal::kMovesSafely<Throwing>);
  static_assert(sync::internal::kMovesSafely<std::unique_ptr<Throwing>>);
}

// Every receive and send destroyed after its k-th poll, for all k: nothing is lost.
TEST(SY74, DestroyedAfterAnyPollNoSlotIsLost) {
  for (int polls = 0; polls <= 3; ++polls) {
    for (int received_after = 0; received_after <= 3; ++received_after) {
      auto [tx, rx] = channel<int>(1);
      ASSERT_TRUE(tx.try_send(0));
      MockTask task;
      {
        Polled send(tx.send(1));
        for (int i = 0; i < polls; ++i) {
          if (i == received_after) {
            EXPECT_EQ(now(rx.recv()), 0);
          }
          if (send.poll(task)) break;
        }
      }
      (void)rx.try_recv();
      EXPECT_EQ(tx.capacity(), 1u) << polls << ' ' << received_after;
      EXPECT_TRUE(tx.try_send(2));
      EXPECT_EQ(rx.try_recv(), 2);
      EXPECT_EQ(task.waker_ref_count(), 1);
    }
  }
}

}  // namespace
}  // namespace weft::sync::mpsc
