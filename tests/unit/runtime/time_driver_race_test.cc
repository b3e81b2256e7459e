// Timers with their owner and their driver on different threads: for ThreadSanitizer to watch, and
// for lost wake-ups to hang on.

#include <weft/runtime/driver/time_driver.h>

#include <barrier>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <semaphore>
#include <source_location>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/support/timers.h>
#include <tests/support/waiting_task.h>
#include <weft/runtime/driver/timer_entry.h>

namespace weft::internal {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using test_support::MockTask;
using test_support::TestTimer;
using test_support::TestTimers;
using test_support::WaitingTask;
using Deadline = TimerEntry::Deadline;

constexpr int kRounds = 2000;

// Runs both at the same time, `rounds` times over; `prepare` and `check` come in between.
template <class Prepare, class One, class Other, class Check>
void race(int rounds, Prepare prepare, One one, Other other, Check check) {
  std::barrier line(2);
  std::thread thread([&] {
    for (int i = 0; i < rounds; ++i) {
      line.arrive_and_wait();
      other();
      line.arrive_and_wait();
    }
  });
  for (int i = 0; i < rounds; ++i) {
    prepare();
    line.arrive_and_wait();
    one();
    line.arrive_and_wait();
    check();
  }
  thread.join();
}

// Sleeps as a driver does, but takes no time for it: where a driver sleeps until a timer, it sets
// the clock there. With no timer it sleeps until it is unparked, for ever if that gets lost.
class JumpingDriver {
 public:
  explicit JumpingDriver(unsigned shards)
      : clock_(true, true),
        start(clock_.now()),
        sleeper_(make_ref<Sleeper>()),
        timers(*sleeper_, clock_, shards),
        thread_([this] { run(); }) {}
  ~JumpingDriver() {
    stop_.store(true, std::memory_order_release);
    sleeper_->unpark();
    thread_.join();
  }

 private:
  struct Sleeper final : Unparkable {
    void unpark() noexcept override { tokens.release(); }
    std::counting_semaphore<> tokens{0};
  };

  void run() {
    while (!stop_.load(std::memory_order_acquire)) {
      const Tick next = timers.begin_sleep();
      if (next == kNever) {
        sleeper_->tokens.acquire();
      } else if (const SteadyTime at = timers.scale().instant(next); at > clock_.now()) {
        clock_.advance(at - clock_.now(), std::source_location::current());
      }
      timers.end_sleep();
      timers.process(clock_.now());
    }
  }

  loom::Atomic<bool> stop_{false};
  Clock clock_;

 public:
  const SteadyTime start;

 private:
  const RefPtr<Sleeper> sleeper_;

 public:
  TimeDriver timers;

 private:
  std::thread thread_;
};

TEST(TM63, ATimerRegisteredBesideTheDriverCompletes) {
  JumpingDriver driver(1);
  for (int i = 0; i < kRounds; ++i) {
    TimerEntry entry(driver.start + i * 1s + 1s, Deadline::kUnknown, driver.timers, 0);
    WaitingTask().block_on(entry);
    ASSERT_TRUE(entry.is_elapsed());
  }
}

TEST(TM64, ATimerMayBeDestroyedWhileItIsProcessed) {
  TestTimers timers;
  nanoseconds now = 0s;
  std::optional<TestTimer> timer;
  Context cx(Waker::noop());
  race(
      kRounds, [&] { timer.emplace(timers, now + 1s); },
      [&] {
        if (!timer->entry.poll(cx)) static_cast<void>(timer->entry.poll(cx));
        timer.reset();
      },
      [&] { timers.driver.process(timers.at(now + 2s)); }, [&] { now += 2s; });
}

TEST(TM65, TheLatestWakerIsWokenWheneverItWasChanged) {
  TestTimers timers;
  nanoseconds now = 0s;
  std::optional<TestTimer> timer;
  Context cx(Waker::noop());
  bool is_done = false;
  race(
      kRounds,
      [&] {
        timer.emplace(timers, now + 1s);
        ASSERT_FALSE(timer->entry.poll(cx));
      },
      [&] { is_done = timer->poll(); }, [&] { timers.driver.process(timers.at(now + 2s)); },
      [&] {
        ASSERT_TRUE(timer->entry.is_elapsed());
        ASSERT_NE(is_done, timer->task.take_woken());
        now += 2s;
      });
}

TEST(TM66, APostponedTimerCompletesAtItsNewDeadlineOnly) {
  TestTimers timers;
  nanoseconds now = 0s;
  std::optional<TestTimer> timer;
  race(
      kRounds,
      [&] {
        timer.emplace(timers, now + 1s);
        ASSERT_FALSE(timer->poll());
      },
      [&] {
        timer->entry.reset(timers.at(now + 2s));
        ASSERT_FALSE(timer->poll());
      },
      [&] { timers.driver.process(timers.at(now + 1500ms)); },
      [&] {
        ASSERT_FALSE(timer->poll());
        timers.driver.process(timers.at(now + 2500ms));
        ASSERT_TRUE(timer->poll());
        now += 3s;
      });
}

TEST(TM69, FiringRacesWithDestruction) {
  TestTimers timers;
  nanoseconds now = 0s;
  std::optional<TestTimer> timer;
  MockTask task;
  race(
      kRounds,
      [&] {
        timer.emplace(timers, now + 1s);
        ASSERT_FALSE(timer->poll(task));
      },
      [&] { timer.reset(); }, [&] { timers.driver.process(timers.at(now + 1s)); },
      [&] {
        ASSERT_EQ(task.waker_ref_count(), 1);
        now += 1s;
      });
}

TEST(TM69, PostponingRacesWithTheSlotOfTheSameTick) {
  TestTimers timers;
  nanoseconds now = 0s;
  std::optional<TestTimer> timer;
  race(
      kRounds,
      [&] {
        timer.emplace(timers, now + 10ms);
        ASSERT_FALSE(timer->poll());
      },
      [&] { timer->entry.reset(timers.at(now + 20ms)); },
      [&] { timers.driver.process(timers.at(now + 10ms)); },
      [&] {
        ASSERT_TRUE(timer->entry.is_registered());
        timers.driver.process(timers.at(now + 20ms));
        ASSERT_TRUE(timer->entry.is_elapsed());
        now += 20ms;
      });
}

TEST(TM69, NoUnparkIsLostBetweenRegisteringAndGoingToSleep) {
  JumpingDriver driver(2);
  std::vector<std::thread> owners;
  for (unsigned shard = 0; shard < 2; ++shard) {
    owners.emplace_back([&driver, shard] {
      std::mt19937 random(shard);
      nanoseconds now = 0s;
      for (int i = 0; i < kRounds; ++i) {
        now += std::chrono::milliseconds(random() % 100);
        TimerEntry entry(driver.start + now, Deadline::kAhead, driver.timers, shard);
        WaitingTask().block_on(entry);
      }
    });
  }
  for (std::thread& owner : owners) owner.join();
}

TEST(TM69, ADriverThatDoesNotAdvanceBecauseOfAnUnparkSeesWhatItIsFor) {
  Clock clock(true, true);
  int work = 0;
  int seen = 0;
  bool has_advanced = false;
  race(
      kRounds, [] {},
      [&] {
        const SteadyTime before = clock.now();
        clock.auto_advance(1ms);
        has_advanced = clock.now() != before;
        if (!has_advanced) seen = work;
      },
      [&] {
        ++work;
        clock.note_unpark();
      },
      [&] {
        if (has_advanced) {
          clock.auto_advance(1ms);  // the unpark came later: forget it
        } else {
          ASSERT_EQ(seen, work);
        }
      });
}

TEST(TM69, ARuntimeMayEndWhileItsTimersAreUsed) {
  // Its shard serves the next round's runtime at once.
  std::optional<TestTimers> timers;
  std::optional<TestTimer> polled;
  std::optional<TestTimer> unpolled;
  race(
      kRounds,
      [&] {
        timers.emplace();
        polled.emplace(*timers, 1s);
        unpolled.emplace(*timers, 1s);
        ASSERT_FALSE(polled->poll());
      },
      [&] {
        const SteadyTime later = polled->entry.deadline() + 1s;
        polled->entry.reset(later);
        static_cast<void>(unpolled->poll());
        static_cast<void>(polled->poll());
      },
      [&] {
        timers.reset();
        const TestTimers next;
      },
      [&] {
        ASSERT_TRUE(polled->poll());
        ASSERT_TRUE(polled->entry.is_gone());
        ASSERT_TRUE(unpolled->poll());
        ASSERT_TRUE(unpolled->entry.is_gone());
      });
}

}  // namespace
}  // namespace weft::internal
