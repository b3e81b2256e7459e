#include <weft/sync/oneshot.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/tracked.h>
#include <weft/loom/thread.h>
#include <weft/runtime/coop.h>

namespace weft::sync::oneshot {
namespace {

using test_support::MockTask;
using test_support::Polled;
using test_support::Tracked;

TEST(SY58, TheValueSentIsReceived) {
  auto [tx, rx] = channel<std::string>();
  MockTask task;
  Polled recv(rx);
  ASSERT_FALSE(recv.poll(task));
  EXPECT_TRUE(tx.send("hello"));
  EXPECT_EQ(task.wake_count(), 1);
  ASSERT_TRUE(recv.poll(task));
  EXPECT_EQ(recv.take(), std::string("hello"));
}

TEST(SY58, SendingBeforeTheReceiverWaits) {
  auto [tx, rx] = channel<int>();
  EXPECT_TRUE(tx.send(1));
  MockTask task;
  Polled recv(rx);
  ASSERT_TRUE(recv.poll(task));
  EXPECT_EQ(recv.take(), 1);
  EXPECT_EQ(task.wake_count(), 0);
}

TEST(SY58, SendGivesTheValueBackWhenTheReceiverIsGone) {
  Tracked::Count alive;
  {
    auto [tx, rx] = channel<Tracked>();
    {
      Receiver<Tracked> gone = std::move(rx);
    }
    Result<void, Tracked> sent = tx.send(Tracked(alive, 5));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().value(), 5);
    EXPECT_EQ(alive.count(), 1);
  }
  EXPECT_EQ(alive.count(), 0);
}

TEST(SY58, SendGivesTheValueBackAfterClose) {
  auto [tx, rx] = channel<int>();
  rx.close();
  Result<void, int> sent = tx.send(7);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error(), 7);
  EXPECT_TRUE(rx.try_recv().error().is_closed());
}

TEST(SY58, SendingTwiceIsFatal) {
  auto [tx, rx] = channel<int>();
  ASSERT_TRUE(tx.send(1));
  EXPECT_DEATH((void)tx.send(2), "oneshot_test.cc.*oneshot::Sender::send: .*already");
}

TEST(SY59, ASenderThatDiesWithoutSendingEndsTheWait) {
  auto [tx, rx] = channel<int>();
  MockTask task;
  Polled recv(rx);
  ASSERT_FALSE(recv.poll(task));
  {
    Sender<int> gone = std::move(tx);
  }
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(recv.poll(task));
  EXPECT_EQ(recv.take(), Err(RecvError()));
}

TEST(SY59, ASenderThatDiedBeforeTheWait) {
  auto [tx, rx] = channel<int>();
  {
    Sender<int> gone = std::move(tx);
  }
  EXPECT_EQ(rx.try_recv(), Err(TryRecvError::closed()));
}

TEST(SY60, ClosedByTheReceiverFirstIsAnError) {
  auto [tx, rx] = channel<int>();
  rx.close();
  MockTask task;
  Polled recv(rx);
  ASSERT_TRUE(recv.poll(task));
  EXPECT_EQ(recv.take(), Err(RecvError()));
  EXPECT_TRUE(rx.is_terminated());
}

TEST(SY60, IsTerminatedAfterTheValueOnly) {
  auto [tx, rx] = channel<int>();
  EXPECT_FALSE(rx.is_terminated());
  ASSERT_TRUE(tx.send(1));
  EXPECT_FALSE(rx.is_terminated());
  MockTask task;
  Polled recv(rx);
  ASSERT_TRUE(recv.poll(task));
  EXPECT_TRUE(recv.take());
  EXPECT_TRUE(rx.is_terminated());
  EXPECT_TRUE(rx.try_recv().error().is_closed());
}

TEST(SY60, AwaitingAgainAfterCompletionIsFatal) {
  auto [tx, rx] = channel<int>();
  ASSERT_TRUE(tx.send(1));
  ASSERT_TRUE(rx.try_recv());
  MockTask task;
  EXPECT_DEATH(Polled(rx).poll(task), "oneshot::Receiver: awaited after");
}

TEST(SY61, CloseIsSeenBySender) {
  auto [tx, rx] = channel<int>();
  MockTask task;
  Polled closed(tx.closed());
  ASSERT_FALSE(closed.poll(task));
  EXPECT_FALSE(tx.is_closed());
  rx.close();
  EXPECT_TRUE(tx.is_closed());
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(closed.poll(task));
}

TEST(SY61, AValueSentBeforeCloseIsStillReceived) {
  auto [tx, rx] = channel<int>();
  ASSERT_TRUE(tx.send(1));
  rx.close();
  EXPECT_EQ(rx.try_recv(), 1);

  auto [tx2, rx2] = channel<int>();
  ASSERT_TRUE(tx2.send(2));
  rx2.close();
  MockTask task;
  Polled recv(rx2);
  ASSERT_TRUE(recv.poll(task));
  EXPECT_EQ(recv.take(), 2);
}

TEST(SY61, CloseIsIdempotentAndLegalAfterCompletion) {
  auto [tx, rx] = channel<int>();
  MockTask task;
  Polled closed(tx.closed());
  ASSERT_FALSE(closed.poll(task));
  rx.close();
  rx.close();
  EXPECT_EQ(task.wake_count(), 1);
  EXPECT_TRUE(rx.try_recv().error().is_closed());
  rx.close();
}

TEST(SY61, ADyingReceiverWakesClosed) {
  auto [tx, rx] = channel<int>();
  MockTask task;
  Polled closed(tx.closed());
  ASSERT_FALSE(closed.poll(task));
  {
    Receiver<int> gone = std::move(rx);
  }
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(closed.poll(task));
  EXPECT_TRUE(tx.is_closed());
}

TEST(SY62, TryRecvIsEmptyThenTheValueThenClosed) {
  auto [tx, rx] = channel<int>();
  EXPECT_EQ(rx.try_recv(), Err(TryRecvError::empty()));
  ASSERT_TRUE(tx.send(3));
  EXPECT_EQ(rx.try_recv(), 3);
  EXPECT_EQ(rx.try_recv(), Err(TryRecvError::closed()));
}

TEST(SY62, CloseWithoutAValueThenTryRecvTerminates) {
  auto [tx, rx] = channel<int>();
  rx.close();
  EXPECT_FALSE(rx.is_terminated());
  EXPECT_EQ(rx.try_recv(), Err(TryRecvError::closed()));
  EXPECT_TRUE(rx.is_terminated());
  MockTask task;
  EXPECT_DEATH(Polled(rx).poll(task), "oneshot::Receiver: awaited after");
}

TEST(SY62, IsEmptyUnlessASentValueIsUnread) {
  auto [tx, rx] = channel<int>();
  EXPECT_TRUE(rx.is_empty());
  ASSERT_TRUE(tx.send(1));
  EXPECT_FALSE(rx.is_empty());
  rx.close();
  EXPECT_FALSE(rx.is_empty());
  ASSERT_TRUE(rx.try_recv());
  EXPECT_TRUE(rx.is_empty());

  auto [tx2, rx2] = channel<int>();
  {
    Sender<int> gone = std::move(tx2);
  }
  EXPECT_TRUE(rx2.is_empty());
}

TEST(SY63, AnUnreadValueDiesWithTheReceiver) {
  Tracked::Count alive;
  auto [tx, rx] = channel<Tracked>();
  ASSERT_TRUE(tx.send(Tracked(alive, 1)));
  EXPECT_EQ(alive.count(), 1);
  {
    Receiver<Tracked> gone = std::move(rx);
  }
  EXPECT_EQ(alive.count(), 0);
}

TEST(SY63, AReceiverThatDiesAfterItsPollDestroysTheValueToo) {
  Tracked::Count alive;
  auto [tx, rx] = channel<Tracked>();
  MockTask task;
  {
    Receiver<Tracked> gone = std::move(rx);
    Polled recv(gone);
    ASSERT_FALSE(recv.poll(task));
    ASSERT_TRUE(tx.send(Tracked(alive, 1)));
    EXPECT_EQ(alive.count(), 1);
  }
  EXPECT_EQ(alive.count(), 0);
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(SY64, TheReceiverMayChangeItsTask) {
  auto [tx, rx] = channel<int>();
  MockTask first, second;
  Polled recv(rx);
  ASSERT_FALSE(recv.poll(first));
  ASSERT_FALSE(recv.poll(second));
  EXPECT_EQ(first.waker_ref_count(), 1);
  EXPECT_EQ(second.waker_ref_count(), 2);
  ASSERT_TRUE(tx.send(1));
  EXPECT_FALSE(first.take_woken());
  EXPECT_TRUE(second.take_woken());
  ASSERT_TRUE(recv.poll(second));
  EXPECT_EQ(recv.take(), 1);
}

TEST(SY64, TheSenderMayChangeItsTask) {
  auto [tx, rx] = channel<int>();
  MockTask first, second;
  Polled closed(tx.closed());
  ASSERT_FALSE(closed.poll(first));
  ASSERT_FALSE(closed.poll(second));
  EXPECT_EQ(first.waker_ref_count(), 1);
  rx.close();
  EXPECT_FALSE(first.take_woken());
  EXPECT_TRUE(second.take_woken());
}

TEST(SY64, BothWakersAreReleasedWithTheTwoHandles) {
  MockTask sender_task, receiver_task;
  {
    auto [tx, rx] = channel<int>();
    Polled closed(tx.closed());
    Polled recv(rx);
    ASSERT_FALSE(closed.poll(sender_task));
    ASSERT_FALSE(recv.poll(receiver_task));
    EXPECT_EQ(sender_task.waker_ref_count(), 2);
    EXPECT_EQ(receiver_task.waker_ref_count(), 2);
  }
  EXPECT_EQ(sender_task.waker_ref_count(), 1);
  EXPECT_EQ(receiver_task.waker_ref_count(), 1);
}

TEST(SY64, CloseReleasesTheReceiversWaker) {
  auto [tx, rx] = channel<int>();
  MockTask task;
  {
    Polled recv(rx);
    ASSERT_FALSE(recv.poll(task));
  }
  EXPECT_EQ(task.waker_ref_count(), 2);
  rx.close();
  EXPECT_EQ(task.waker_ref_count(), 1);
  EXPECT_FALSE(tx.send(1));
  EXPECT_FALSE(task.take_woken());
}

TEST(SY64, ReceivingFromASecondTaskAfterTheSendNeedsNoWaker) {
  auto [tx, rx] = channel<int>();
  MockTask first, second;
  Polled recv(rx);
  ASSERT_FALSE(recv.poll(first));
  ASSERT_TRUE(tx.send(1));
  ASSERT_TRUE(recv.poll(second));
  EXPECT_EQ(second.waker_ref_count(), 1);
  EXPECT_EQ(recv.take(), 1);
}

TEST(SY65, ADestroyedReceiveLosesNothing) {
  auto [tx, rx] = channel<int>();
  MockTask task;
  {
    Polled lost(rx);
    ASSERT_FALSE(lost.poll(task));
  }
  ASSERT_TRUE(tx.send(4));
  {
    Polled lost(rx);
    ASSERT_TRUE(lost.poll(task));  // complete, and destroyed before its result was taken
  }
  Polled recv(rx);
  ASSERT_TRUE(recv.poll(task));
  EXPECT_EQ(recv.take(), 4);
}

TEST(SY65, ADestroyedClosedLosesNothing) {
  auto [tx, rx] = channel<int>();
  MockTask task;
  {
    Polled closed(tx.closed());
    ASSERT_FALSE(closed.poll(task));
  }
  EXPECT_TRUE(tx.send(4));
  EXPECT_EQ(rx.try_recv(), 4);
}

TEST(SY65, BlockingRecvWaitsForTheValue) {
  auto [tx, rx] = channel<int>();
  Result<loom::Thread> thread = loom::Thread::spawn(
      {}, [sender = std::make_shared<Sender<int>>(std::move(tx))] { (void)sender->send(9); });
  ASSERT_TRUE(thread);
  EXPECT_EQ(rx.blocking_recv(), 9);
  EXPECT_TRUE(rx.is_terminated());
  thread->join();
}

TEST(SY65, BlockingRecvEndsWhenTheSenderDies) {
  auto [tx, rx] = channel<int>();
  Result<loom::Thread> thread = loom::Thread::spawn(
      {}, [sender = std::make_shared<Sender<int>>(std::move(tx))]() mutable { sender.reset(); });
  ASSERT_TRUE(thread);
  EXPECT_FALSE(rx.blocking_recv());
  thread->join();
}

// --- Rules of all primitives.

TEST(SY8, OneshotReceiveTakesBudget) {
  MockTask task;
  Budget budget = Budget::initial();
  int completed = 0;
  for (int i = 0; i < Budget::kUnits + 5; ++i) {
    auto [tx, rx] = channel<int>();
    ASSERT_TRUE(tx.send(i));
    if (Polled recv(rx); recv.poll(task, budget)) ++completed;
  }
  EXPECT_EQ(completed, Budget::kUnits);
  EXPECT_EQ(task.wake_count(), 5);  // each that was put off has been rescheduled
}

TEST(SY8, OneshotClosedTakesBudget) {
  MockTask task;
  Budget budget = Budget::initial();
  auto [tx, rx] = channel<int>();
  rx.close();
  int completed = 0;
  for (int i = 0; i < Budget::kUnits + 5; ++i) {
    if (Polled closed(tx.closed()); closed.poll(task, budget)) ++completed;
  }
  EXPECT_EQ(completed, Budget::kUnits);
}

TEST(SY8, ASuspendedOneshotReceiveTakesNoBudget) {
  MockTask task;
  Budget budget = Budget::initial();
  auto [tx, rx] = channel<int>();
  Polled recv(rx);
  for (int i = 0; i < 2 * Budget::kUnits; ++i) ASSERT_FALSE(recv.poll(task, budget));
  EXPECT_TRUE(budget.has_remaining());
  EXPECT_EQ(task.wake_count(), 0);
}

TEST(SY10, HandlesMayMoveBetweenThreads) {
  auto [tx, rx] = channel<std::unique_ptr<int>>();
  auto receiver = std::make_shared<Receiver<std::unique_ptr<int>>>(std::move(rx));
  int got = 0;
  Result<loom::Thread> thread = loom::Thread::spawn({}, [receiver, &got] {
    auto value = receiver->blocking_recv();
    if (value) got = **value;
  });
  ASSERT_TRUE(thread);
  EXPECT_TRUE(tx.send(std::make_unique<int>(3)));
  thread->join();
  EXPECT_EQ(got, 3);
}

TEST(SY123, AMovedFromSenderIsEmpty) {
  auto [tx, rx] = channel<int>();
  Sender<int> moved = std::move(tx);
  EXPECT_DEATH((void)tx.send(1), "already");
  EXPECT_TRUE(moved.send(1));
  Receiver<int> receiver = std::move(rx);
  EXPECT_TRUE(rx.is_terminated());
  EXPECT_EQ(receiver.try_recv(), 1);
}

}  // namespace
}  // namespace weft::sync::oneshot
