// Bounded channels: the receiver's side (SY-79 .. SY-88).

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

TEST(SY79, RecvWaitsForAMessage) {
  auto [tx, rx] = channel<int>(4);
  MockTask task;
  Polled recv(rx.recv());
  ASSERT_FALSE(recv.poll(task));
  ASSERT_TRUE(tx.try_send(1));
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(recv.poll(task));
  EXPECT_EQ(recv.take(), 1);
}

TEST(SY79, PollRecvIsAStepOfRecv) {
  auto [tx, rx] = channel<int>(4);
  MockTask task;
  const Waker waker = task.waker();
  Context cx(waker);
  EXPECT_TRUE(rx.poll_recv(cx).is_pending());
  ASSERT_TRUE(tx.try_send(1));
  EXPECT_TRUE(task.take_woken());
  const Poll<std::optional<int>> polled = rx.poll_recv(cx);
  ASSERT_TRUE(polled.is_ready());
  EXPECT_EQ(*polled, 1);
}

TEST(SY79, EachMessageReceivedLetsASenderGoOn) {
  auto [tx, rx] = channel<int>(1);
  ASSERT_TRUE(tx.try_send(1));
  MockTask task;
  Polled send(tx.send(2));
  ASSERT_FALSE(send.poll(task));
  EXPECT_EQ(now(rx.recv()), 1);
  EXPECT_TRUE(task.take_woken());
}

TEST(SY79, OnlyTheLatestReceivingTaskIsWoken) {
  auto [tx, rx] = channel<int>(1);
  MockTask first, second;
  Polled recv(rx.recv());
  ASSERT_FALSE(recv.poll(first));
  ASSERT_FALSE(recv.poll(second));
  EXPECT_EQ(first.waker_ref_count(), 1);
  ASSERT_TRUE(tx.try_send(1));
  EXPECT_FALSE(first.take_woken());
  EXPECT_TRUE(second.take_woken());
}

TEST(SY80, RecvManyTakesWhatIsThere) {
  auto [tx, rx] = channel<int>(100);
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(tx.try_send(i));
  std::vector<int> out{-1};
  EXPECT_EQ(now(rx.recv_many(out, 33)), 33u);
  EXPECT_EQ(out.size(), 34u);
  EXPECT_EQ(tx.capacity(), 93u);
  EXPECT_EQ(now(rx.recv_many(out, 33)), 7u);
  for (int i = 0; i < 41; ++i) EXPECT_EQ(out[static_cast<std::size_t>(i)], i - 1);
}

TEST(SY80, RecvManyWaitsForOneAndEndsWithNone) {
  auto [tx, rx] = channel<int>(4);
  std::vector<int> out;
  MockTask task;
  {
    Polled recv(rx.recv_many(out, 10));
    ASSERT_FALSE(recv.poll(task));
    ASSERT_TRUE(tx.try_send(1));
    ASSERT_TRUE(recv.poll(task));
    EXPECT_EQ(recv.take(), 1u);
  }
  {
    Sender<int> gone = std::move(tx);
  }
  EXPECT_EQ(now(rx.recv_many(out, 10)), 0u);
  EXPECT_EQ(out.size(), 1u);
}

TEST(SY80, LimitZeroIsZeroAtOnce) {
  auto [tx, rx] = channel<int>(4);
  std::vector<int> out;
  EXPECT_EQ(now(rx.recv_many(out, 0)), 0u);
  ASSERT_TRUE(tx.try_send(1));
  EXPECT_EQ(now(rx.recv_many(out, 0)), 0u);
  EXPECT_TRUE(out.empty());
}

TEST(SY80, ADestroyedRecvManyLosesNothing) {
  auto [tx, rx] = channel<int>(4);
  std::vector<int> out;
  MockTask task;
  {
    Polled recv(rx.recv_many(out, 10));
    ASSERT_FALSE(recv.poll(task));
    ASSERT_TRUE(tx.try_send(1));
    ASSERT_TRUE(recv.poll(task));
  }
  EXPECT_EQ(now(rx.recv_many(out, 10)), 1u);
}

TEST(SY81, TryRecvIsTheMessageEmptyOrDisconnected) {
  auto [tx, rx] = channel<int>(4);
  EXPECT_EQ(rx.try_recv(), Err(TryRecvError::empty()));
  ASSERT_TRUE(tx.try_send(1));
  EXPECT_EQ(rx.try_recv(), 1);
  ASSERT_TRUE(tx.try_send(2));
  {
    Sender<int> gone = std::move(tx);
  }
  EXPECT_EQ(rx.try_recv(), 2);
  EXPECT_EQ(rx.try_recv(), Err(TryRecvError::disconnected()));
}

TEST(SY81, TryRecvIsEmptyWhileAClosedChannelIsNotIdle) {
  auto [tx, rx] = channel<int>(4);
  auto permit = now(tx.reserve());
  rx.close();
  EXPECT_TRUE(rx.try_recv().error().is_empty());
  std::move(*permit).send(1);
  EXPECT_EQ(rx.try_recv(), 1);
  EXPECT_TRUE(rx.try_recv().error().is_disconnected());
}

TEST(SY82, CloseRefusesNewAndDrainsOld) {
  auto [tx, rx] = channel<int>(4);
  ASSERT_TRUE(tx.try_send(1));
  auto permit = now(tx.reserve());
  rx.close();
  rx.close();
  EXPECT_TRUE(rx.is_closed());
  EXPECT_TRUE(tx.is_closed());
  EXPECT_FALSE(now(tx.reserve()));
  EXPECT_EQ(now(rx.recv()), 1);
  EXPECT_TRUE(is_pending(rx.recv()));  // the permit may still send
  std::move(*permit).send(2);
  EXPECT_EQ(now(rx.recv()), 2);
  EXPECT_EQ(now(rx.recv()), std::nullopt);
  EXPECT_EQ(now(rx.recv()), std::nullopt);
}

TEST(SY82, IsClosedWithoutSendersAlsoWithMessagesLeft) {
  auto [tx, rx] = channel<int>(4);
  EXPECT_FALSE(rx.is_closed());
  ASSERT_TRUE(tx.try_send(1));
  auto permit = now(Sender<int>(std::move(tx)).reserve_owned());
  EXPECT_FALSE(rx.is_closed());  // an owned permit is a sender
  {
    auto gone = *std::move(permit);
  }
  EXPECT_TRUE(rx.is_closed());
  EXPECT_EQ(now(rx.recv()), 1);
}

// What a closed channel's receiver may be waiting for, and how it goes away unused.
template <class Hold>
void returned_unused_wakes_the_receiver(Hold hold) {
  auto [tx, rx] = channel<int>(3);
  std::optional held(hold(tx));
  rx.close();
  MockTask task;
  Polled recv(rx.recv());
  ASSERT_FALSE(recv.poll(task));
  held.reset();
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(recv.poll(task));
  EXPECT_EQ(recv.take(), std::nullopt);
}

TEST(SY83, AnUnusedPermitOfAClosedChannelWakesTheReceiver) {
  returned_unused_wakes_the_receiver([](Sender<int>& tx) { return *now(tx.reserve()); });
  returned_unused_wakes_the_receiver([](Sender<int>& tx) { return *now(tx.reserve_many(3)); });
  returned_unused_wakes_the_receiver(
      [](Sender<int>& tx) { return *now(Sender<int>(tx).reserve_owned()); });
}

TEST(SY83, AReleasedOwnedPermitWakesTheReceiver) {
  auto [tx, rx] = channel<int>(1);
  auto permit = now(Sender<int>(tx).reserve_owned());
  rx.close();
  MockTask task;
  Polled recv(rx.recv());
  ASSERT_FALSE(recv.poll(task));
  Sender<int> back = std::move(*permit).release();
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(recv.poll(task));
}

TEST(SY83, AReserveManyThatFailsWithSomePermitsWakesTheReceiver) {
  for (const bool is_destroyed : {false, true}) {
    auto [tx, rx] = channel<int>(3);
    ASSERT_TRUE(tx.try_send(0));
    MockTask sending, receiving;
    std::optional<Polled<decltype(tx.reserve_many(3))>> waiting;
    waiting.emplace(tx.reserve_many(3));
    ASSERT_FALSE(waiting->poll(sending));  // holds two
    rx.close();
    EXPECT_EQ(now(rx.recv()), 0);
    Polled recv(rx.recv());
    ASSERT_FALSE(recv.poll(receiving));
    if (!is_destroyed) {
      ASSERT_TRUE(waiting->poll(sending));
      EXPECT_FALSE(waiting->take());
    }
    waiting.reset();
    EXPECT_TRUE(receiving.take_woken());
    ASSERT_TRUE(recv.poll(receiving));
    EXPECT_EQ(recv.take(), std::nullopt);
  }
}

TEST(SY83, AServedReserveThatIsDestroyedWakesTheReceiver) {
  auto [tx, rx] = channel<int>(1);
  ASSERT_TRUE(tx.try_send(0));
  MockTask sending, receiving;
  std::optional<Polled<decltype(tx.reserve())>> waiting;
  waiting.emplace(tx.reserve());
  ASSERT_FALSE(waiting->poll(sending));
  EXPECT_EQ(now(rx.recv()), 0);
  ASSERT_TRUE(sending.take_woken());
  rx.close();
  Polled recv(rx.recv());
  ASSERT_FALSE(recv.poll(receiving));
  waiting.reset();
  EXPECT_TRUE(receiving.take_woken());
  EXPECT_TRUE(recv.poll(receiving));
}

TEST(SY84, TheMessagesDieWithTheReceiver) {
  Tracked::Count alive;
  auto [tx, rx] = channel<Tracked>(100);
  for (int i = 0; i < 70; ++i) ASSERT_TRUE(tx.try_send(Tracked(alive, i)));
  MockTask task;
  EXPECT_EQ(alive.count(), 70);
  {
    Receiver<Tracked> gone = std::move(rx);
  }
  EXPECT_EQ(alive.count(), 0);
  EXPECT_EQ(tx.capacity(), 100u);
  EXPECT_TRUE(tx.try_send(Tracked(alive, 0)).error().is_closed());
}

TEST(SY84, TheReceiversWakerIsDroppedWithIt) {
  auto [tx, rx] = channel<int>(1);
  MockTask task;
  {
    Receiver<int> gone = std::move(rx);
    Polled recv(gone.recv());
    ASSERT_FALSE(recv.poll(task));
    EXPECT_EQ(task.waker_ref_count(), 2);
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(SY85, ClosedCompletesForAllWhenTheReceiverCloses) {
  auto [tx, rx] = channel<int>(1);
  MockTask first, second;
  Polled a(tx.closed()), b(tx.closed());
  ASSERT_FALSE(a.poll(first));
  ASSERT_FALSE(b.poll(second));
  EXPECT_FALSE(tx.is_closed());
  rx.close();
  EXPECT_TRUE(first.take_woken());
  EXPECT_TRUE(second.take_woken());
  EXPECT_TRUE(a.poll(first));
  EXPECT_TRUE(b.poll(second));
  EXPECT_TRUE(tx.is_closed());
  now(tx.closed());
}

TEST(SY85, ClosedCompletesWhenTheReceiverDies) {
  auto [tx, rx] = channel<int>(1);
  MockTask task;
  Polled closed(tx.closed());
  ASSERT_FALSE(closed.poll(task));
  {
    Receiver<int> gone = std::move(rx);
  }
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(closed.poll(task));
}

TEST(SY86, CountsOfSenders) {
  auto [tx, rx] = channel<int>(1);
  EXPECT_EQ(rx.sender_strong_count(), 1u);
  {
    Sender<int> copy = tx;
    WeakSender<int> weak = copy.downgrade();
    WeakSender<int> weak_copy = weak;
    EXPECT_EQ(tx.strong_count(), 2u);
    EXPECT_EQ(tx.weak_count(), 2u);
    EXPECT_EQ(weak.strong_count(), 2u);
    EXPECT_EQ(rx.sender_weak_count(), 2u);
  }
  EXPECT_EQ(rx.sender_strong_count(), 1u);
  EXPECT_EQ(rx.sender_weak_count(), 0u);
}

TEST(SY86, UpgradeFailsExactlyWithoutSenders) {
  auto [tx, rx] = channel<int>(1);
  WeakSender<int> weak = tx.downgrade();
  {
    std::optional<Sender<int>> strong = weak.upgrade();
    ASSERT_TRUE(strong);
    EXPECT_TRUE(strong->same_channel(tx));
  }
  rx.close();
  EXPECT_TRUE(weak.upgrade());
  {
    Sender<int> gone = std::move(tx);
  }
  EXPECT_FALSE(weak.upgrade());
}

TEST(SY86, WeakSendersDoNotKeepTheChannelOpen) {
  auto [tx, rx] = channel<int>(1);
  WeakSender<int> weak = tx.downgrade();
  MockTask task;
  Polled recv(rx.recv());
  ASSERT_FALSE(recv.poll(task));
  {
    Sender<int> gone = std::move(tx);
  }
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(recv.poll(task));
  EXPECT_EQ(recv.take(), std::nullopt);
}

TEST(SY87, CapacityAndChannelIdentity) {
  auto [tx, rx] = channel<int>(5);
  auto [other_tx, other_rx] = channel<int>(5);
  EXPECT_TRUE(tx.same_channel(Sender<int>(tx)));
  EXPECT_FALSE(tx.same_channel(other_tx));
  ASSERT_TRUE(tx.try_send(1));
  auto permit = tx.try_reserve();
  EXPECT_EQ(tx.capacity(), 3u);
  EXPECT_EQ(rx.capacity(), 3u);
  EXPECT_EQ(tx.max_capacity(), 5u);
  EXPECT_EQ(rx.max_capacity(), 5u);
  EXPECT_EQ(rx.size(), 1u);
}

TEST(SY87, SizeAndEmptinessAreRightAfterEveryMessage) {
  auto [tx, rx] = channel<int>(1000);
  for (int total : {1, 31, 32, 33, 64, 65, 200}) {
    EXPECT_TRUE(rx.is_empty());
    for (int i = 0; i < total; ++i) {
      ASSERT_TRUE(tx.try_send(i));
      EXPECT_EQ(rx.size(), static_cast<std::size_t>(i) + 1);
    }
    for (int i = total; i > 0; --i) {
      EXPECT_FALSE(rx.is_empty());
      EXPECT_EQ(rx.size(), static_cast<std::size_t>(i));
      ASSERT_TRUE(now(rx.recv()));
    }
  }
  EXPECT_TRUE(rx.is_empty());
  {
    Sender<int> gone = std::move(tx);
  }
  EXPECT_EQ(rx.size(), 0u);  // the end of the senders does not count
  EXPECT_TRUE(rx.is_empty());
}

TEST(SY88, TheChannelEndsWhenTheSendersAreGoneAndTheBufferIsEmpty) {
  auto [tx, rx] = channel<int>(4);
  Sender<int> copy = tx;
  ASSERT_TRUE(tx.try_send(1));
  {
    Sender<int> gone = std::move(tx);
  }
  ASSERT_TRUE(copy.try_send(2));
  {
    Sender<int> gone = std::move(copy);
  }
  EXPECT_EQ(now(rx.recv()), 1);
  EXPECT_EQ(now(rx.recv()), 2);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(now(rx.recv()), std::nullopt);
}

TEST(SY79, ADestroyedRecvLosesNothing) {
  for (int polls = 0; polls <= 3; ++polls) {
    for (int sent_before = 0; sent_before <= 3; ++sent_before) {
      auto [tx, rx] = channel<int>(4);
      MockTask task;
      {
        Polled recv(rx.recv());
        bool complete = false;
        for (int i = 0; i < polls && !complete; ++i) {
          if (i == sent_before) {
            ASSERT_TRUE(tx.try_send(7));
          }
          complete = recv.poll(task);
        }
        if (polls <= sent_before) {
          ASSERT_TRUE(tx.try_send(7));
        }
      }
      EXPECT_EQ(rx.try_recv(), 7) << polls << ' ' << sent_before;
    }
  }
}

}  // namespace
}  // namespace weft::sync::mpsc
