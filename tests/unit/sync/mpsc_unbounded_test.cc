#include <weft/sync/mpsc.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/tracked.h>
#include <weft/loom/thread.h>

namespace weft::sync::mpsc {
namespace {

using test_support::MockTask;
using test_support::Polled;
using test_support::Tracked;

template <class A>
auto now(A&& awaitable) {
  MockTask task;
  Polled wait(std::forward<A>(awaitable));
  EXPECT_TRUE(wait.poll(task));
  return wait.take();
}

TEST(SY89, SendNeverWaits) {
  auto [tx, rx] = unbounded_channel<int>();
  constexpr int kMessages = 10000;
  for (int i = 0; i < kMessages; ++i) ASSERT_TRUE(tx.send(i));
  EXPECT_EQ(rx.size(), static_cast<std::size_t>(kMessages));
  for (int i = 0; i < kMessages; ++i) EXPECT_EQ(now(rx.recv()), i);
  EXPECT_TRUE(rx.is_empty());
}

TEST(SY89, ARefusedSendGivesTheValueBack) {
  Tracked::Count alive;
  {
    auto [tx, rx] = unbounded_channel<Tracked>();
    ASSERT_TRUE(tx.send(Tracked(alive, 1)));
    rx.close();
    for (int i = 2; i < 40; ++i) {
      auto sent = tx.send(Tracked(alive, i));
      ASSERT_FALSE(sent);
      EXPECT_EQ(sent.error().value.value(), i);
    }
    EXPECT_TRUE(tx.is_closed());
    // Refused messages leave nothing behind.
    EXPECT_EQ(rx.size(), 1u);
    EXPECT_EQ(now(rx.recv())->value(), 1);
    EXPECT_EQ(rx.size(), 0u);
    EXPECT_EQ(now(rx.recv()), std::nullopt);
    EXPECT_TRUE(rx.try_recv().error().is_disconnected());
  }
  EXPECT_EQ(alive.count(), 0);
}

TEST(SY89, AMessageWakesTheReceiver) {
  auto [tx, rx] = unbounded_channel<int>();
  MockTask task;
  Polled recv(rx.recv());
  ASSERT_FALSE(recv.poll(task));
  ASSERT_TRUE(tx.send(1));
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(recv.poll(task));
  EXPECT_EQ(recv.take(), 1);
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(SY89, TheLastSenderEndsTheChannel) {
  auto [tx, rx] = unbounded_channel<int>();
  UnboundedSender<int> copy = tx;
  WeakUnboundedSender<int> weak = tx.downgrade();
  MockTask task;
  Polled recv(rx.recv());
  ASSERT_FALSE(recv.poll(task));
  {
    UnboundedSender<int> gone = std::move(tx);
  }
  EXPECT_FALSE(task.take_woken());
  {
    UnboundedSender<int> gone = std::move(copy);
  }
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(recv.poll(task));
  EXPECT_EQ(recv.take(), std::nullopt);
  EXPECT_FALSE(weak.upgrade());
}

TEST(SY89, UnreadMessagesDieWithTheReceiver) {
  Tracked::Count alive;
  auto [tx, rx] = unbounded_channel<Tracked>();
  for (int i = 0; i < 70; ++i) ASSERT_TRUE(tx.send(Tracked(alive, i)));
  {
    UnboundedReceiver<Tracked> gone = std::move(rx);
  }
  EXPECT_EQ(alive.count(), 0);
  EXPECT_TRUE(tx.is_closed());
}

TEST(SY89, UnboundedClosedCompletes) {
  auto [tx, rx] = unbounded_channel<int>();
  MockTask task;
  Polled closed(tx.closed());
  ASSERT_FALSE(closed.poll(task));
  rx.close();
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(closed.poll(task));
}

TEST(SY89, RecvManyOnAnUnboundedChannel) {
  auto [tx, rx] = unbounded_channel<int>();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(tx.send(i));
  std::vector<int> out;
  EXPECT_EQ(now(rx.recv_many(out, 1000)), 100u);
  EXPECT_EQ(out.back(), 99);
}

TEST(SY70, BlocksAreReusedNotGrown) {
  // Many more messages than blocks: with a short queue memory must not grow. A leak or a block that
  // is freed too early is found by the sanitizers.
  auto [tx, rx] = unbounded_channel<int>();
  for (int round = 0; round < 1000; ++round) {
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(tx.send(i));
    for (int i = 0; i < 40; ++i) EXPECT_EQ(rx.try_recv(), i);
  }
}

TEST(SY71, TheEndOfTheSendersIsNotAMessage) {
  for (int messages : {0, 1, 32, 33}) {
    auto [tx, rx] = unbounded_channel<int>();
    for (int i = 0; i < messages; ++i) ASSERT_TRUE(tx.send(i));
    {
      UnboundedSender<int> gone = std::move(tx);
    }
    EXPECT_EQ(rx.size(), static_cast<std::size_t>(messages));
    for (int i = 0; i < messages; ++i) EXPECT_EQ(now(rx.recv()), i);
    EXPECT_EQ(rx.size(), 0u);
    EXPECT_EQ(now(rx.recv()), std::nullopt);
  }
}

}  // namespace
}  // namespace weft::sync::mpsc
