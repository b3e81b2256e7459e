// Parkers: a token that comes before, during or after the way into sleep.
//
// Parker and WatchTimer over the modelled kernel, ThreadParker over the checker's condition
// variable, with spurious wake-ups. Every interleaving. A token that is lost is a deadlock; what
// the unparker wrote is relaxed, so that only the token can make it visible.

#include <chrono>
#include <memory>
#include <utility>

#include <tests/loom/support/model_kernel.h>
#include <weft/loom/atomic.h>
#include <weft/loom/cell.h>
#include <weft/loom/checker/region.h>
#include <weft/runtime/scheduler/parker.h>
#include <weft/runtime/scheduler/thread_parker.h>
#include <weft/runtime/scheduler/watch_timer.h>

namespace weft::loom_test {
namespace {

using internal::Parker;
using internal::ThreadParker;
using internal::WakeReason;
using internal::WatchTimer;

std::unique_ptr<Parker> make_parker(WatchTimer* watch) {
  const loom::checker::Unexplored setup;
  return Parker::create(watch).value();
}

TEST(R85, OneTokenEndsOnePark) {
  runtime_model(exhaustive(), [] {
    const std::unique_ptr<Parker> parker = make_parker(nullptr);
    loom::Cell<int> data(0);
    loom::Thread other = start([&] {
      data.with_mut([](int& value) { value = 1; });
      parker->unpark();
    });
    expect(parker->park() == WakeReason::kUnparked, "a wake-up without a reason");
    expect(data.with([](int value) { return value; }) == 1, "woken before the write was visible");
    other.join();
  });
}

// Tokens do not count, and what both wrote is visible after the second of two parks at the latest.
TEST(R85, TwoUnparkersAndTwoParks) {
  runtime_model(exhaustive(), [] {
    const std::unique_ptr<Parker> parker = make_parker(nullptr);
    loom::Atomic<int> pushed{0};
    // relaxed, both: the tokens' job.
    const auto push = [&] {
      pushed.fetch_add(1, std::memory_order_relaxed);
      parker->unpark();
    };
    loom::Thread first = start(push);
    loom::Thread second = start(push);
    while (pushed.load(std::memory_order_relaxed) < 2) static_cast<void>(parker->park());
    first.join();
    second.join();
  });
}

// A deadline against a token: whatever the park says, the token is not lost.
TEST(R87, ATokenAgainstADeadline) {
  runtime_model(exhaustive(), [] {
    const std::unique_ptr<Parker> parker = make_parker(nullptr);
    loom::Thread other = start([&] { parker->unpark(); });
    if (parker->park_for(std::chrono::milliseconds(5)) == WakeReason::kTimeout) {
      expect(parker->park() == WakeReason::kUnparked, "the second park has another reason");
    }
    other.join();
  });
}

// Two sleepers, one tick: one of them gets it, unless a token takes its place, which arms the watch
// again. Both are unparked in the end.
TEST(R92, ATickWakesOneOfTwoAndATokenCountsMore) {
  runtime_model(bounded(2, 3), [] {
    const std::unique_ptr<WatchTimer> watch = WatchTimer::create().value();
    const Ticker ticker;
    const std::unique_ptr<Parker> first = make_parker(watch.get());
    const std::unique_ptr<Parker> second = make_parker(watch.get());
    loom::Atomic<int> ticks{0};
    const auto sleep = [&](Parker& parker) {
      while (parker.park() == WakeReason::kWatchTick) {
        // relaxed: read after the joins.
        ticks.fetch_add(1, std::memory_order_relaxed);
      }
    };
    loom::Thread other = start([&] { sleep(*second); });
    loom::Thread waker = start([&] {
      watch->arm();
      first->unpark();
      second->unpark();
    });
    sleep(*first);
    other.join();
    waker.join();
    expect(ticks.unsync_load() <= 1, "one tick was given to two sleepers");
  });
}

// A tick that comes to one who has been unparked meanwhile is not lost: the other one gets it.
TEST(R92, ATickBesideATokenGoesToTheOther) {
  runtime_model(bounded(2, 3), [] {
    const std::unique_ptr<WatchTimer> watch = WatchTimer::create().value();
    const Ticker ticker;
    const std::unique_ptr<Parker> first = make_parker(watch.get());
    const std::unique_ptr<Parker> second = make_parker(watch.get());
    loom::Thread other = start([&] { static_cast<void>(second->park()); });
    loom::Thread waker = start([&] {
      watch->arm();
      first->unpark();
    });
    if (first->park() == WakeReason::kWatchTick) second->unpark();
    other.join();
    waker.join();
  });
}

TEST(R90, OneTokenEndsOneThreadPark) {
  model([] {
    ThreadParker parker;
    loom::Cell<int> data(0);
    loom::Thread other = start([&] {
      data.with_mut([](int& value) { value = 1; });
      parker.unpark();
    });
    parker.park();
    expect(data.with([](int value) { return value; }) == 1, "woken before the write was visible");
    other.join();
  });
}

TEST(R90, TwoUnparkersAndAsManyThreadParksAsItTakes) {
  model([] {
    ThreadParker parker;
    loom::Atomic<int> pushed{0};
    // relaxed, both: the tokens' job.
    const auto push = [&] {
      pushed.fetch_add(1, std::memory_order_relaxed);
      parker.unpark();
    };
    loom::Thread first = start(push);
    loom::Thread second = start(push);
    while (pushed.load(std::memory_order_relaxed) < 2) parker.park();
    first.join();
    second.join();
  });
}

TEST(R90, ATokenAgainstADeadline) {
  model([] {
    ThreadParker parker;
    loom::Thread other = start([&] { parker.unpark(); });
    if (!parker.park_for(std::chrono::milliseconds(5))) parker.park();
    other.join();
    expect(!parker.try_park(), "one token has ended two parks");
  });
}

}  // namespace
}  // namespace weft::loom_test
