// mpsc channels with real threads; run it under ThreadSanitizer.

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/threads.h>
#include <tests/support/tracked.h>
#include <weft/sync/internal/thread_wait.h>
#include <weft/sync/mpsc.h>

namespace weft::sync::mpsc {
namespace {

using sync::internal::wait_on_thread;
using test_support::MockTask;
using test_support::Polled;
using test_support::run_threads;
using test_support::Tracked;

// Thread 0 receives, the others send kEach messages each; checks order, number and the end.
template <class Tx, class Rx, class Send>
void senders_to_receiver(Tx tx, Rx rx, int senders, int each, Send send) {
  std::vector<std::optional<Tx>> handles(static_cast<std::size_t>(senders), tx);
  {
    Tx gone = std::move(tx);
  }
  run_threads(senders + 1, [&](int thread) {
    if (thread != 0) {
      std::optional<Tx>& own = handles[static_cast<std::size_t>(thread - 1)];
      for (int i = 0; i < each; ++i) send(*own, (thread - 1) * each + i);
      own.reset();
      return;
    }
    std::vector<int> next(static_cast<std::size_t>(senders), 0);
    int received = 0;
    while (std::optional<int> value = rx.blocking_recv()) {
      EXPECT_EQ(*value % each, next[static_cast<std::size_t>(*value / each)]++);
      ++received;
    }
    EXPECT_EQ(received, senders * each);
  });
}

TEST(SY72, BoundedSendersKeepTheirOrder) {
  for (const std::size_t capacity : {1, 2, 33, 1000}) {
    auto [tx, rx] = channel<int>(capacity);
    senders_to_receiver(
        std::move(tx), std::move(rx), 3, capacity == 1 ? 500 : 3000,
        [](Sender<int>& sender, int value) { EXPECT_TRUE(sender.blocking_send(value)); });
  }
}

TEST(SY72, UnboundedSendersKeepTheirOrder) {
  auto [tx, rx] = unbounded_channel<int>();
  senders_to_receiver(
      std::move(tx), std::move(rx), 3, 20000,
      [](UnboundedSender<int>& sender, int value) { EXPECT_TRUE(sender.send(value)); });
}

TEST(SY76, ReservedAndAbandonedSlotsAddUp) {
  constexpr int kRounds = 3000;
  auto [tx, rx] = channel<int>(4);
  loom::Atomic<int> sent{0};
  std::vector<std::optional<Sender<int>>> handles(3, tx);
  {
    Sender<int> gone = std::move(tx);
  }
  int received = 0;
  run_threads(4, [&](int thread) {
    if (thread == 0) {
      while (rx.blocking_recv()) ++received;
      return;
    }
    Sender<int>& own = *handles[static_cast<std::size_t>(thread - 1)];
    MockTask task;
    for (int i = 0; i < kRounds; ++i) {
      switch ((i + thread) % 4) {
        case 0: {
          auto permit = wait_on_thread(own.reserve());
          ASSERT_TRUE(permit);
          if (i % 8 != 0) break;
          std::move(*permit).send(i);
          sent.fetch_add(1, std::memory_order_relaxed);
          break;
        }
        case 1: {
          auto permits = wait_on_thread(own.reserve_many(3));
          ASSERT_TRUE(permits);
          std::move(*permits->next()).send(i);
          sent.fetch_add(1, std::memory_order_relaxed);
          break;
        }
        case 2: {
          Polled wait(own.reserve_many(2));  // destroyed in whatever state it is in
          for (int poll = 0; poll < 2 && !wait.poll(task); ++poll) {
          }
          break;
        }
        default:
          if (own.try_send(i)) sent.fetch_add(1, std::memory_order_relaxed);
          break;
      }
    }
    handles[static_cast<std::size_t>(thread - 1)].reset();
  });
  EXPECT_EQ(received, sent.load(std::memory_order_relaxed));
  EXPECT_EQ(rx.capacity(), 4u);
}

TEST(SY83, AClosingReceiverAlwaysComesToTheEnd) {
  // The receiver closes in the middle; permits are used, abandoned or refused; recv() must end.
  for (int round = 0; round < 1500; ++round) {
    Tracked::Count alive;
    {
      auto [tx, rx] = channel<Tracked>(3);
      int received = 0;
      loom::Atomic<int> sent{0};
      run_threads(3, [&, &sender = tx, &receiver = rx](int thread) {
        if (thread == 0) {
          if (round % 2 == 0 && receiver.try_recv()) ++received;
          receiver.close();
          while (receiver.blocking_recv()) ++received;
          return;
        }
        MockTask task;
        for (int i = 0; i < 6; ++i) {
          if ((i + thread + round) % 3 == 0) {
            Polled wait(sender.reserve_many(3));
            (void)wait.poll(task);
          } else if ((i + thread + round) % 3 == 1) {
            if (sender.try_send(Tracked(alive, i))) sent.fetch_add(1, std::memory_order_relaxed);
          } else if (auto permit = sender.try_reserve()) {
            if (i % 2 == 0) {
              std::move(*permit).send(Tracked(alive, i));
              sent.fetch_add(1, std::memory_order_relaxed);
            }
          }
        }
      });
      EXPECT_EQ(received, sent.load(std::memory_order_relaxed)) << round;
      EXPECT_EQ(rx.capacity(), 3u);
    }
    EXPECT_EQ(alive.count(), 0);
  }
}

TEST(SY84, AReceiverThatDiesAmongSendersLeaksNothing) {
  for (int round = 0; round < 1000; ++round) {
    Tracked::Count alive;
    {
      auto [tx, rx] = channel<Tracked>(40);
      auto [utx, urx] = unbounded_channel<Tracked>();
      auto receiver = std::make_shared<std::optional<Receiver<Tracked>>>(std::move(rx));
      auto unbounded = std::make_shared<std::optional<UnboundedReceiver<Tracked>>>(std::move(urx));
      run_threads(3, [&, &sender = tx, &unbounded_sender = utx](int thread) {
        if (thread == 0) {
          receiver->reset();
          unbounded->reset();
          return;
        }
        for (int i = 0; i < 40; ++i) {
          (void)sender.try_send(Tracked(alive, i)).has_value();
          (void)unbounded_sender.send(Tracked(alive, i)).has_value();
        }
      });
    }
    EXPECT_EQ(alive.count(), 0);
  }
}

TEST(SY81, TryRecvWithConcurrentSendersMissesNothing) {
  for (int round = 0; round < 1000; ++round) {
    auto [tx, rx] = unbounded_channel<int>();
    loom::Atomic<int> completed{0};
    run_threads(3, [&, &sender = tx, &receiver = rx](int thread) {
      if (thread != 0) {
        for (int i = 0; i < 5; ++i) {
          ASSERT_TRUE(sender.send(i));
          completed.fetch_add(1, std::memory_order_release);
        }
        return;
      }
      // What was sent completely before is there.
      const int before = completed.load(std::memory_order_acquire);
      for (int i = 0; i < before; ++i) EXPECT_TRUE(receiver.try_recv());
    });
  }
}

TEST(SY86, TheLastSenderIsFoundAmongMany) {
  for (int round = 0; round < 1000; ++round) {
    auto [tx, rx] = unbounded_channel<int>();
    WeakUnboundedSender<int> weak = tx.downgrade();
    std::vector<std::optional<UnboundedSender<int>>> handles(3, tx);
    {
      UnboundedSender<int> gone = std::move(tx);
    }
    run_threads(4, [&, &receiver = rx](int thread) {
      if (thread == 0) {
        int received = 0;
        while (receiver.blocking_recv()) ++received;
        EXPECT_GE(received, 3);
        return;
      }
      auto& own = handles[static_cast<std::size_t>(thread - 1)];
      ASSERT_TRUE(own->send(1));
      own.reset();
      if (auto strong = weak.upgrade()) {
        ASSERT_TRUE(strong->send(2));
      }
    });
    EXPECT_FALSE(weak.upgrade());
  }
}

TEST(SY85, ClosedIsHeardByAllSenders) {
  for (int round = 0; round < 500; ++round) {
    auto [tx, rx] = channel<int>(1);
    run_threads(3, [&, &sender = tx, &receiver = rx](int thread) {
      if (thread == 0) {
        receiver.close();
      } else {
        wait_on_thread(sender.closed());
        EXPECT_TRUE(sender.is_closed());
      }
    });
  }
}

TEST(SY80, RecvManyTakesAllInOrder) {
  auto [tx, rx] = channel<int>(64);
  constexpr int kMessages = 20000;
  auto sender = std::make_shared<std::optional<Sender<int>>>(std::move(tx));
  run_threads(2, [&, &receiver = rx](int thread) {
    if (thread == 0) {
      for (int i = 0; i < kMessages; ++i) ASSERT_TRUE((*sender)->blocking_send(i));
      sender->reset();
      return;
    }
    std::vector<int> out;
    while (receiver.blocking_recv_many(out, 50) != 0) {
    }
    ASSERT_EQ(out.size(), static_cast<std::size_t>(kMessages));
    for (int i = 0; i < kMessages; ++i) ASSERT_EQ(out[static_cast<std::size_t>(i)], i);
  });
}

}  // namespace
}  // namespace weft::sync::mpsc
