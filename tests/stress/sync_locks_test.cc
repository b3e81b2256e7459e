// Semaphore, Mutex and Notify with real threads; run it under ThreadSanitizer.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/threads.h>
#include <weft/sync/internal/thread_wait.h>
#include <weft/sync/mutex.h>
#include <weft/sync/notify.h>
#include <weft/sync/oneshot.h>
#include <weft/sync/semaphore.h>

namespace weft::sync {
namespace {

using internal::wait_on_thread;
using test_support::MockTask;
using test_support::Polled;
using test_support::run_threads;

constexpr int kThreads = 4;

// A MockTask for each thread. They outlive the threads, because who wakes takes the waker out of
// the queue first: a wait that gives up meanwhile is gone, and its waker in use a moment longer.
template <std::size_t kCount>
void expect_no_waker_left(const std::array<MockTask, kCount>& tasks) {
  for (const MockTask& task : tasks) EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(SY26, ManyUsersEndWithAllPermits) {
  constexpr int kRounds = 2000;
  Semaphore semaphore(5);
  loom::Atomic<int> active{0};
  loom::Atomic<int> highest{0};
  run_threads(8, [&](int) {
    for (int i = 0; i < kRounds / 8; ++i) {
      auto permit = semaphore.blocking_acquire();
      ASSERT_TRUE(permit);
      const int now = active.fetch_add(1, std::memory_order_acq_rel) + 1;
      if (now > 5) highest.store(now, std::memory_order_relaxed);
      active.fetch_sub(1, std::memory_order_acq_rel);
    }
  });
  EXPECT_EQ(semaphore.available_permits(), 5u);
  EXPECT_EQ(highest.load(std::memory_order_relaxed), 0);
}

TEST(SY19, CancellingUnderContentionLosesNoPermit) {
  constexpr int kRounds = 3000;
  constexpr std::size_t kPermits = 4;
  Semaphore semaphore(kPermits);
  std::array<MockTask, kThreads> tasks;
  run_threads(kThreads, [&](int thread) {
    MockTask& task = tasks[thread];
    for (int i = 0; i < kRounds; ++i) {
      const auto wanted = static_cast<std::uint32_t>(1 + (i + thread) % kPermits);
      if (i % 3 == 0) {
        // Polled a few times, and destroyed in whatever state it is then.
        Polled wait(semaphore.acquire_many(wanted));
        for (int poll = 0; poll < i % 4; ++poll) {
          if (wait.poll(task)) break;
        }
      } else {
        ASSERT_TRUE(semaphore.blocking_acquire_many(wanted));
      }
    }
  });
  expect_no_waker_left(tasks);
  EXPECT_EQ(semaphore.available_permits(), kPermits);
}

TEST(SY17, ClosingDuringAcquiresEndsThemAll) {
  for (int round = 0; round < 300; ++round) {
    Semaphore semaphore(1);
    run_threads(kThreads, [&](int thread) {
      if (thread == 0) {
        semaphore.close();
        return;
      }
      while (auto permit = semaphore.blocking_acquire()) {
      }
    });
    EXPECT_EQ(semaphore.available_permits(), 1u);
  }
}

TEST(SY14, ConcurrentReleaseTryAndForgetAddUp) {
  for (int round = 0; round < 500; ++round) {
    Semaphore semaphore(5);
    std::size_t forgotten = 0;
    run_threads(3, [&](int thread) {
      if (thread == 0) semaphore.add_permits(3);
      if (thread == 1) forgotten = semaphore.forget_permits(3);
      if (thread == 2) {
        if (auto permit = semaphore.try_acquire_many(2)) permit->forget();
      }
    });
    const std::size_t left = semaphore.available_permits();
    EXPECT_TRUE(left + forgotten == 6 || left + forgotten == 8) << left << ' ' << forgotten;
  }
}

TEST(SY21, OnePermitGuardsData) {
  constexpr int kRounds = 4000;
  Mutex<std::int64_t> mutex(0);
  run_threads(kThreads, [&](int) {
    for (int i = 0; i < kRounds; ++i) ++*mutex.blocking_lock();
  });
  EXPECT_EQ(mutex.get_mut(), kThreads * kRounds);
}

TEST(SY30, CancelledLocksUnderContentionLoseNothing) {
  constexpr int kRounds = 4000;
  Mutex<std::int64_t> mutex(0);
  loom::Atomic<std::int64_t> expected{0};
  std::array<MockTask, kThreads> tasks;
  run_threads(kThreads, [&](int thread) {
    MockTask& task = tasks[thread];
    std::int64_t done = 0;
    for (int i = 0; i < kRounds; ++i) {
      if ((i + thread) % 2 == 0) {
        ++*mutex.blocking_lock();
        ++done;
        continue;
      }
      Polled wait(mutex.lock());
      for (int poll = 0; poll < 2; ++poll) {
        if (!wait.poll(task)) continue;
        if (i % 4 == 1) {
          ++*wait.take();
          ++done;
        }
        break;  // else destroyed with the lock granted and not taken
      }
    }
    expected.fetch_add(done, std::memory_order_relaxed);
  });
  expect_no_waker_left(tasks);
  ASSERT_TRUE(mutex.try_lock());
  EXPECT_EQ(mutex.get_mut(), expected.load(std::memory_order_relaxed));
}

TEST(SY121, TheLastUserMayDestroyTheMutexAtOnce) {
  // The thread that is handed the lock destroys the mutex while the other may still be in unlock.
  for (int round = 0; round < 2000; ++round) {
    auto* const mutex = new Mutex<int>(0);
    loom::Atomic<int> users{2};
    run_threads(2, [&](int) {
      ++*mutex->blocking_lock();
      if (users.fetch_sub(1, std::memory_order_acq_rel) == 1) delete mutex;
    });
  }
}

TEST(SY51, NotificationsAreNotLostToCancelledWaits) {
  // One thread waits properly, others wait and give up. Each notification is sent when the one
  // before has been consumed; if a wait that gave up swallowed one, this would not come to its end.
  constexpr int kRounds = 2000;
  Notify notify;
  Semaphore consumed(0);
  std::array<MockTask, 1> tasks;
  run_threads(3, [&](int thread) {
    if (thread == 0) {
      for (int i = 0; i < kRounds; ++i) {
        notify.notify_one();
        consumed.blocking_acquire()->forget();
      }
      return;
    }
    if (thread == 1) {
      for (int i = 0; i < kRounds; ++i) {
        wait_on_thread(notify.notified());
        consumed.add_permits(1);
      }
      return;
    }
    MockTask& task = tasks[0];
    for (int i = 0; i < 4 * kRounds; ++i) {
      Notified wait = notify.notified();
      Polled polled(wait);
      if (polled.poll(task)) notify.notify_one();  // it was another's: hand it on
    }
  });
  expect_no_waker_left(tasks);
  MockTask task;
  EXPECT_FALSE(Polled(notify.notified()).poll(task));
}

TEST(SY42, PingPongByNotifyLosesNoWakeUp) {
  constexpr int kRounds = 3000;
  Notify ping, pong;
  int value = 0;  // handed to and fro by the notifications
  run_threads(2, [&](int thread) {
    for (int i = 0; i < kRounds; ++i) {
      if (thread == 0) {
        ++value;
        ping.notify_one();
        wait_on_thread(pong.notified());
      } else {
        wait_on_thread(ping.notified());
        ++value;
        pong.notify_one();
      }
    }
  });
  EXPECT_EQ(value, 2 * kRounds);
}

TEST(SY48, BroadcastsReachEveryoneWhileWaitersComeAndGo) {
  constexpr int kRounds = 300;
  for (int round = 0; round < kRounds; ++round) {
    Notify notify;
    run_threads(kThreads, [&](int thread) {
      if (thread == 0) {
        notify.notify_waiters();
        return;
      }
      MockTask task;
      std::optional<Polled<Notified>> waits[12];
      for (auto& wait : waits) {
        wait.emplace(notify.notified());
        (void)wait->poll(task);
      }
      // If the one created later was reached, so were those created before.
      bool later = false;
      for (int i = 11; i >= 0; --i) {
        if (i % 5 == 4) {
          waits[i].reset();
          continue;
        }
        Context cx(Waker::noop());
        const bool complete = waits[i]->node().poll(cx);
        EXPECT_TRUE(complete || !later) << i;
        later = later || complete;
      }
    });
  }
}

TEST(SY58, OneshotsRaceSendReceiveCloseAndDrop) {
  constexpr int kRounds = 2000;
  for (int round = 0; round < kRounds; ++round) {
    auto [tx, rx] = oneshot::channel<std::unique_ptr<int>>();
    std::optional sender(std::move(tx));
    std::optional receiver(std::move(rx));
    bool sent = false, received = false, given_back = false;
    run_threads(2, [&](int thread) {
      MockTask task;
      if (thread == 0) {
        if (round % 5 == 0) (void)Polled(sender->closed()).poll(task);
        if (round % 7 != 0) {
          auto result = sender->send(std::make_unique<int>(round));
          sent = result.has_value();
          given_back = !sent && *result.error() == round;
        }
        sender.reset();
        return;
      }
      switch (round % 4) {
        case 0:
          if (auto value = receiver->blocking_recv()) received = **value == round;
          break;
        case 1:
          receiver->close();
          if (auto value = receiver->try_recv()) received = **value == round;
          break;
        case 2: {
          MockTask other;
          Polled recv(*receiver);
          if (recv.poll(task) || recv.poll(other)) {
            if (auto value = recv.take()) received = **value == round;
          }
          break;
        }
        default:
          break;
      }
      receiver.reset();
    });
    if (received) {
      EXPECT_TRUE(sent);
    }
    if (round % 7 != 0) {
      EXPECT_TRUE(sent || given_back);
      if (round % 4 == 0) {
        EXPECT_TRUE(received);
      }
      if (round % 4 == 1) {
        EXPECT_EQ(sent, received);  // a send that succeeded before close() is received
      }
    }
  }
}

}  // namespace
}  // namespace weft::sync
