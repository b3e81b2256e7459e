// Parker and ThreadParker with real threads; run it under ThreadSanitizer. What is handed over is a
// plain variable: a token that came too early would be a data race, one that is lost a hang.

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/scale.h>
#include <tests/support/threads.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/scheduler/parker.h>
#include <weft/runtime/scheduler/thread_parker.h>
#include <weft/runtime/scheduler/watch_timer.h>

namespace weft::internal {
namespace {

using test_support::run_threads;
using test_support::scaled;
using namespace std::chrono_literals;

constexpr int kRounds = scaled(100'000);
// Waits that end by the clock take their time.
constexpr int kTimedRounds = kRounds / 10;

// Two threads hand a number to and fro; `park` blocks on the parker it is given.
template <class P, class Park>
void hand_to_and_fro(P& left, P& right, Park park, int rounds = kRounds) {
  int number = 0;
  run_threads(2, [&](int thread) {
    for (int i = 0; i < rounds; ++i) {
      if (thread == 0) {
        number = 2 * i;
        right.unpark();
        park(left, i);
        ASSERT_EQ(number, 2 * i + 1);
      } else {
        park(right, i);
        ASSERT_EQ(number, 2 * i);
        number = 2 * i + 1;
        left.unpark();
      }
    }
  });
}

TEST(R85, EveryTokenArrives) {
  const auto left = Parker::create(nullptr).value();
  const auto right = Parker::create(nullptr).value();
  hand_to_and_fro(*left, *right,
                  [](Parker& parker, int) { ASSERT_EQ(parker.park(), WakeReason::kUnparked); });
}

TEST(R85, TokensAndDeadlinesDoNotLoseEachOther) {
  const auto left = Parker::create(nullptr).value();
  const auto right = Parker::create(nullptr).value();
  const auto park = [](Parker& parker, int round) {
    while (parker.park_for(std::chrono::microseconds(round % 60)) != WakeReason::kUnparked) {
    }
  };
  hand_to_and_fro(*left, *right, park, kTimedRounds);
}

TEST(R89, TokensAndTicksDoNotLoseEachOther) {
  const auto watch = WatchTimer::create().value();
  const auto left = Parker::create(watch.get()).value();
  const auto right = Parker::create(watch.get()).value();
  hand_to_and_fro(*left, *right, [&](Parker& parker, int) {
    watch->arm();
    while (parker.park() != WakeReason::kUnparked) watch->arm();
  });
}

// Whoever is left asleep gets the next tick: with the watch armed at each tick they go on for ever.
TEST(R89, ArmedWatchTicksWhateverHappens) {
  constexpr int kSleepers = 3;
  constexpr int kTicks = scaled(500);
  const auto watch = WatchTimer::create().value();
  std::vector<std::unique_ptr<Parker>> parkers;
  for (int i = 0; i < kSleepers; ++i) parkers.push_back(Parker::create(watch.get()).value());
  loom::Atomic<int> ticks{0};
  watch->arm();
  run_threads(kSleepers, [&](int self) {
    while (ticks.load(std::memory_order_relaxed) < kTicks) {
      if (parkers[self]->park() != WakeReason::kWatchTick) continue;
      watch->arm();
      // Now and then a token comes together with the tick.
      parkers[(self + 1) % kSleepers]->unpark();
      if (ticks.fetch_add(1, std::memory_order_relaxed) + 1 >= kTicks) {
        for (const auto& parker : parkers) parker->unpark();
      }
    }
  });
  EXPECT_GE(ticks.unsync_load(), kTicks);
}

TEST(R90, EveryTokenArrives) {
  ThreadParker left;
  ThreadParker right;
  hand_to_and_fro(left, right, [](ThreadParker& parker, int) { parker.park(); });
}

TEST(R90, TokensAndDeadlinesDoNotLoseEachOther) {
  ThreadParker left;
  ThreadParker right;
  const auto park = [](ThreadParker& parker, int round) {
    while (!parker.park_for(std::chrono::microseconds(round % 60))) {
    }
  };
  hand_to_and_fro(left, right, park, kTimedRounds);
}

TEST(R169, SpinningLosesNoToken) {
  ParkWaker* const left = ParkWaker::create();
  ParkWaker* const right = ParkWaker::create();
  hand_to_and_fro(*left, *right, [](ParkWaker& parker, int round) {
    if (round % 2 == 0) {
      parker.park();
    } else {
      while (!parker.park_for(std::chrono::microseconds(round % 120))) {
      }
    }
  });
  left->release();
  right->release();
}

TEST(R90, WakersAreFreedByWhoeverIsLast) {
  for (int round = 0; round < scaled(5'000); ++round) {
    Waker waker;
    ThreadParker handed_over;
    run_threads(2, [&](int thread) {
      if (thread == 0) {
        ParkWaker* const parker = ParkWaker::create();
        waker = parker->waker();
        handed_over.unpark();
        parker->park();
        parker->release();
      } else {
        handed_over.park();
        std::move(waker).wake();
      }
    });
  }
}

}  // namespace
}  // namespace weft::internal
