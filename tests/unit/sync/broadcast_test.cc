#include <weft/sync/broadcast.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/threads.h>

namespace weft::sync::broadcast {
namespace {

using test_support::MockTask;
using test_support::Polled;

template <class A>
auto now(A&& awaitable) {
  MockTask task;
  Polled wait(std::forward<A>(awaitable));
  EXPECT_TRUE(wait.poll(task));
  return wait.take();
}

TEST(SY90, TheCapacityIsRoundedUp) {
  auto [tx, rx] = channel<int>(3);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(tx.send(i));
  EXPECT_EQ(rx.try_recv(), 0);
  EXPECT_DEATH((void)channel<int>(0), "broadcast_test.cc.*must not be 0");
  EXPECT_DEATH((void)channel<int>(std::numeric_limits<std::size_t>::max() / 2 + 1),
               "broadcast_test.cc.*too large");
}

TEST(SY90, ASenderAloneIsClosed) {
  Sender<int> tx(4);
  EXPECT_EQ(tx.receiver_count(), 0u);
  MockTask task;
  EXPECT_TRUE(Polled(tx.closed()).poll(task));
}

TEST(SY92, SendReachesAllReceiversAndWakesThem) {
  auto [tx, rx] = channel<int>(4);
  Receiver<int> other = tx.subscribe();
  MockTask first_task, second_task;
  Polled first(rx.recv()), second(other.recv());
  ASSERT_FALSE(first.poll(first_task));
  ASSERT_FALSE(second.poll(second_task));
  EXPECT_EQ(tx.send(5), 2u);
  EXPECT_TRUE(first_task.take_woken());
  EXPECT_TRUE(second_task.take_woken());
  ASSERT_TRUE(first.poll(first_task));
  ASSERT_TRUE(second.poll(second_task));
  EXPECT_EQ(first.take(), 5);
  EXPECT_EQ(second.take(), 5);
}

TEST(SY92, SendWithoutReceiversGivesTheValueBack) {
  auto [tx, rx] = channel<int>(4);
  {
    Receiver<int> gone = std::move(rx);
  }
  auto refused = tx.send(5);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().value, 5);
}

TEST(SY93, ALaggingReceiverLearnsHowManyItLost) {
  auto [tx, rx] = channel<int>(2);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(tx.send(i));
  Result<int, RecvError> lagged = now(rx.recv());
  ASSERT_FALSE(lagged);
  EXPECT_TRUE(lagged.error().is_lagged());
  EXPECT_EQ(lagged.error().lagged(), 3u);
  EXPECT_EQ(now(rx.recv()), 3);
  EXPECT_EQ(now(rx.recv()), 4);
}

TEST(SY93, OverwritingAgainGivesAFreshLag) {
  auto [tx, rx] = channel<int>(2);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(tx.send(i));
  EXPECT_EQ(rx.try_recv().error().lagged(), 1u);
  for (int i = 3; i < 5; ++i) ASSERT_TRUE(tx.send(i));
  EXPECT_EQ(rx.try_recv().error().lagged(), 2u);
  EXPECT_EQ(rx.try_recv(), 3);
}

TEST(SY93, AtTheVeryEdgeNothingIsLost) {
  auto [tx, rx] = channel<int>(2);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(tx.send(i));
  EXPECT_EQ(rx.try_recv(), 0);
  ASSERT_TRUE(tx.send(2));
  EXPECT_EQ(rx.try_recv(), 1);
  EXPECT_EQ(rx.try_recv(), 2);
}

TEST(SY93, TheRestIsDeliveredBeforeTheEnd) {
  auto [tx, rx] = channel<int>(4);
  MockTask task;
  ASSERT_TRUE(tx.send(1));
  {
    Sender<int> gone = std::move(tx);
  }
  EXPECT_TRUE(rx.is_closed());
  EXPECT_EQ(now(rx.recv()), 1);
  EXPECT_TRUE(now(rx.recv()).error().is_closed());
  EXPECT_TRUE(now(rx.recv()).error().is_closed());
}

TEST(SY93, TheEndWakesReceivers) {
  auto [tx, rx] = channel<int>(4);
  MockTask task;
  Polled recv(rx.recv());
  ASSERT_FALSE(recv.poll(task));
  {
    Sender<int> gone = std::move(tx);
  }
  EXPECT_TRUE(task.take_woken());
  ASSERT_TRUE(recv.poll(task));
  EXPECT_TRUE(recv.take().error().is_closed());
}

TEST(SY94, TryRecvAndNewReceivers) {
  auto [tx, rx] = channel<int>(4);
  EXPECT_TRUE(rx.try_recv().error().is_empty());
  ASSERT_TRUE(tx.send(1));
  Receiver<int> late = tx.subscribe();
  Receiver<int> again = rx.resubscribe();
  EXPECT_TRUE(late.try_recv().error().is_empty());
  EXPECT_TRUE(again.try_recv().error().is_empty());
  ASSERT_TRUE(tx.send(2));
  EXPECT_EQ(late.try_recv(), 2);
  EXPECT_EQ(again.try_recv(), 2);
  EXPECT_EQ(rx.try_recv(), 1);
  EXPECT_EQ(rx.try_recv(), 2);
}

TEST(SY94, SubscribingReopensAndResubscribingAfterTheEndDoesNot) {
  auto [tx, rx] = channel<int>(4);
  {
    Receiver<int> gone = std::move(rx);
  }
  EXPECT_FALSE(tx.send(1));
  Receiver<int> back = tx.subscribe();
  EXPECT_TRUE(tx.send(2));
  EXPECT_EQ(back.try_recv(), 2);
  {
    Sender<int> gone = std::move(tx);
  }
  Receiver<int> late = back.resubscribe();
  EXPECT_TRUE(late.try_recv().error().is_closed());
}

// Copies share a count of the living.
class Shared {
 public:
  explicit Shared(std::shared_ptr<int> count) noexcept : count_(std::move(count)) {}

 private:
  std::shared_ptr<int> count_;
};

TEST(SY95, AValueGoesWithItsLastReader) {
  auto [tx, rx] = channel<Shared>(4);
  Receiver<Shared> other = tx.subscribe();
  std::weak_ptr<int> observer;
  {
    auto count = std::make_shared<int>(0);
    observer = count;
    ASSERT_TRUE(tx.send(Shared(std::move(count))));
  }
  EXPECT_TRUE(rx.try_recv());
  EXPECT_FALSE(observer.expired());
  EXPECT_TRUE(other.try_recv());
  EXPECT_TRUE(observer.expired());
}

TEST(SY95, AValueGoesWhenItsLastInterestedReceiverDies) {
  auto [tx, rx] = channel<Shared>(4);
  auto count = std::make_shared<int>(0);
  std::weak_ptr<int> observer = count;
  ASSERT_TRUE(tx.send(Shared(std::move(count))));
  Receiver<Shared> late = tx.subscribe();
  MockTask task;
  Polled closed(tx.closed());
  ASSERT_FALSE(closed.poll(task));
  {
    Receiver<Shared> gone = std::move(rx);
  }
  EXPECT_TRUE(observer.expired());
  EXPECT_FALSE(task.take_woken());
  {
    Receiver<Shared> gone = std::move(late);
  }
  EXPECT_TRUE(task.take_woken());
  EXPECT_TRUE(closed.poll(task));
}

TEST(SY96, SizesOfBothSides) {
  constexpr std::size_t kCapacity = 4;
  auto [tx, rx] = channel<int>(kCapacity);
  Receiver<int> other = tx.subscribe();
  const auto check = [&, &sender = tx, &receiver = rx] {
    const std::size_t most = std::max(receiver.size(), other.size());
    EXPECT_EQ(sender.size(), std::min(most, kCapacity));
    EXPECT_EQ(sender.is_empty(), most == 0);
  };
  check();
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(tx.send(i));
    if (i % 2 == 0) (void)other.try_recv().has_value();
    check();
  }
  EXPECT_EQ(rx.size(), 6u);  // more than there is, until it learns that it lags
  EXPECT_TRUE(rx.try_recv().error().is_lagged());
  EXPECT_EQ(rx.size(), 4u);
  while (rx.try_recv()) check();
  while (other.try_recv()) check();
  check();
  EXPECT_TRUE(rx.is_empty());
}

TEST(SY97, CountsAndWeakSenders) {
  auto [tx, rx] = channel<int>(4);
  WeakSender<int> weak = tx.downgrade();
  EXPECT_EQ(rx.sender_strong_count(), 1u);
  EXPECT_EQ(rx.sender_weak_count(), 1u);
  {
    std::optional<Sender<int>> strong = weak.upgrade();
    ASSERT_TRUE(strong);
    EXPECT_TRUE(strong->same_channel(tx));
    EXPECT_EQ(tx.strong_count(), 2u);
  }
  EXPECT_FALSE(rx.is_closed());
  {
    Sender<int> gone = std::move(tx);
  }
  EXPECT_TRUE(rx.is_closed());
  EXPECT_FALSE(weak.upgrade());
  EXPECT_TRUE(rx.same_channel(rx.resubscribe()));
}

TEST(SY97, ClosedLooksAgain) {
  auto [tx, rx] = channel<int>(4);
  MockTask task;
  Polled closed(tx.closed());
  ASSERT_FALSE(closed.poll(task));
  {
    Receiver<int> gone = std::move(rx);
  }
  ASSERT_TRUE(task.take_woken());
  Receiver<int> back = tx.subscribe();
  EXPECT_FALSE(closed.poll(task));
  {
    Receiver<int> gone = std::move(back);
  }
  EXPECT_TRUE(closed.poll(task));
}

struct ThrowsWhenCopied {
  explicit ThrowsWhenCopied(int number) noexcept : value(number) {}
  ThrowsWhenCopied(const ThrowsWhenCopied& other) : value(other.value) {
    if (value == 1) throw std::runtime_error("no copy");
  }
  ThrowsWhenCopied(ThrowsWhenCopied&&) noexcept = default;
  int value;
};

TEST(SY98, ACopyThatThrowsCountsAsReceived) {
  auto [tx, rx] = channel<ThrowsWhenCopied>(4);
  Receiver<ThrowsWhenCopied> other = tx.subscribe();
  ASSERT_TRUE(tx.send(ThrowsWhenCopied(1)));
  ASSERT_TRUE(tx.send(ThrowsWhenCopied(2)));
  EXPECT_THROW((void)rx.try_recv(), std::runtime_error);
  EXPECT_EQ(rx.try_recv()->value, 2);
  EXPECT_EQ(other.try_recv()->value, 1);  // the last reader's is moved
  EXPECT_EQ(other.try_recv()->value, 2);
  EXPECT_EQ(tx.size(), 0u);
}

TEST(SY99, ADestroyedRecvLeavesNoTrace) {
  auto [tx, rx] = channel<int>(4);
  MockTask task;
  {
    Polled recv(rx.recv());
    ASSERT_FALSE(recv.poll(task));
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
  ASSERT_TRUE(tx.send(1));
  EXPECT_FALSE(task.take_woken());
  {
    Polled recv(rx.recv());
    ASSERT_TRUE(recv.poll(task));  // and is destroyed before the value was taken
  }
  EXPECT_EQ(rx.try_recv(), 1);
}

// Sends from its destructor: that must not happen under a lock.
struct SendsWhenDestroyed {
  explicit SendsWhenDestroyed(Sender<SendsWhenDestroyed>* to) noexcept : target(to) {}
  SendsWhenDestroyed(const SendsWhenDestroyed& other) noexcept = default;
  SendsWhenDestroyed(SendsWhenDestroyed&& other) noexcept
      : target(std::exchange(other.target, nullptr)) {}
  ~SendsWhenDestroyed() {
    if (target != nullptr) {
      (void)std::exchange(target, nullptr)->send(SendsWhenDestroyed(nullptr)).has_value();
    }
  }
  Sender<SendsWhenDestroyed>* target;
};

TEST(SY100, AnOverwrittenValueIsDestroyedAfterUnlocking) {
  auto [tx, rx] = channel<SendsWhenDestroyed>(1);
  ASSERT_TRUE(tx.send(SendsWhenDestroyed(&tx)));
  ASSERT_TRUE(tx.send(SendsWhenDestroyed(nullptr)));
  EXPECT_EQ(rx.size(), 3u);
}

TEST(SY8, BroadcastRecvTakesBudgetAndClosedNone) {
  auto [tx, rx] = channel<int>(256);
  MockTask task;
  Budget budget = Budget::initial();
  int received = 0;
  for (int i = 0; i < Budget::kUnits + 5; ++i) {
    ASSERT_TRUE(tx.send(i));
    Polled recv(rx.recv());
    if (!recv.poll(task, budget)) continue;
    ++received;
    EXPECT_TRUE(recv.take());
  }
  EXPECT_EQ(received, Budget::kUnits);
  {
    Receiver<int> gone = std::move(rx);
  }
  EXPECT_TRUE(Polled(tx.closed()).poll(task, budget));
}

TEST(SY91, ConcurrentSendersAndReceiversLoseOnlyWhatTheyAreToldOf) {
  constexpr int kEach = 3000;
  auto [tx, rx] = channel<int>(16);
  std::vector<std::optional<Sender<int>>> senders(2, tx);
  std::vector<std::optional<Receiver<int>>> receivers;
  receivers.emplace_back(std::move(rx));
  receivers.emplace_back(tx.subscribe());
  {
    Sender<int> gone = std::move(tx);
  }
  test_support::run_threads(4, [&](int thread) {
    if (thread < 2) {
      auto& own = senders[static_cast<std::size_t>(thread)];
      for (int i = 0; i < kEach; ++i) ASSERT_TRUE(own->send(thread * kEach + i));
      own.reset();
      return;
    }
    Receiver<int>& own = *receivers[static_cast<std::size_t>(thread - 2)];
    int last[2] = {-1, -1};
    std::uint64_t count = 0;
    for (;;) {
      Result<int, RecvError> received = own.blocking_recv();
      if (received) {
        EXPECT_GT(*received % kEach, last[*received / kEach]);
        last[*received / kEach] = *received % kEach;
        ++count;
      } else if (received.error().is_lagged()) {
        count += received.error().lagged();
      } else {
        break;
      }
    }
    EXPECT_EQ(count, std::uint64_t{2 * kEach});
  });
}

TEST(SY91, ReceiversThatDieAmongSendersLeakNothing) {
  for (int round = 0; round < 300; ++round) {
    auto count = std::make_shared<int>(0);
    std::weak_ptr<int> observer = count;
    {
      auto [tx, rx] = channel<std::shared_ptr<int>>(2);
      std::optional<Receiver<std::shared_ptr<int>>> dying(std::move(rx));
      Receiver<std::shared_ptr<int>> other = tx.subscribe();
      test_support::run_threads(3, [&, &sender = tx](int thread) {
        if (thread == 0) {
          (void)dying->try_recv().has_value();
          dying.reset();
        } else if (thread == 1) {
          for (int i = 0; i < 10; ++i) ASSERT_TRUE(sender.send(count));
        } else {
          for (int i = 0; i < 10; ++i) (void)other.try_recv().has_value();
        }
      });
      EXPECT_LE(tx.size(), 2u);
    }
    EXPECT_EQ(count.use_count(), 1);
  }
}

}  // namespace
}  // namespace weft::sync::broadcast
