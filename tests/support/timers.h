// TestTimers: the timers of a runtime without the runtime.
//
// A paused clock that the test sets, a TimeDriver on it, and in place of the driver that sleeps for
// it a counter of unparks. TestTimer is one timer in it, with a MockTask to wake.
//
//   TestTimers timers;
//   TestTimer timer(timers, 10ms);       // due 10 ms after the start
//   EXPECT_FALSE(timer.poll());
//   timers.turn_at(10ms);
//   EXPECT_TRUE(timer.task.take_woken());
//   EXPECT_TRUE(timer.poll());

#ifndef WEFT_TESTS_SUPPORT_TIMERS_H_
#define WEFT_TESTS_SUPPORT_TIMERS_H_

#include <chrono>
#include <functional>
#include <source_location>
#include <utility>

#include <tests/support/mock_task.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/clock.h>
#include <weft/runtime/driver/time_driver.h>
#include <weft/runtime/driver/timer_entry.h>
#include <weft/runtime/driver/unparkable.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/waker.h>

namespace weft::test_support {

// Counts unparks. From any thread.
class CountingSleeper final : public internal::Unparkable {
 public:
  void unpark() noexcept override { unparks_.fetch_add(1, std::memory_order_relaxed); }
  int unparks() const noexcept { return unparks_.load(std::memory_order_relaxed); }

 private:
  loom::Atomic<int> unparks_{0};
};

class TestTimers {
 public:
  explicit TestTimers(unsigned shards = 1)
      : clock(true, true),
        start(clock.now()),
        sleeper(make_ref<CountingSleeper>()),
        driver(*sleeper, clock, shards) {}

  internal::SteadyTime at(std::chrono::nanoseconds since_start) const {
    return start + since_start;
  }

  // Sets the clock, forward only, and lets the driver have its turn.
  void turn_at(std::chrono::nanoseconds since_start) {
    clock.advance(at(since_start) - clock.now(), std::source_location::current());
    driver.process(clock.now());
  }

  internal::Clock clock;
  const internal::SteadyTime start;
  const RefPtr<CountingSleeper> sleeper;
  internal::TimeDriver driver;
};

// Calls a function each time it is woken.
class CallingTask final : public Wakeable {
 public:
  explicit CallingTask(std::function<void()> on_wake)
      : Wakeable(1, &kOps), on_wake_(std::move(on_wake)) {}
  // Lives on a test's stack: nothing counts, and nothing is kept beyond it.
  Waker waker() { return Waker::adopt(this); }

 private:
  static void wake(Wakeable* target) noexcept { static_cast<CallingTask*>(target)->on_wake_(); }
  static void count(Wakeable*) noexcept {}
  static constexpr WakeOps kOps = {&wake, &wake, &count, &count};

  std::function<void()> on_wake_;
};

struct TestTimer {
  using Deadline = internal::TimerEntry::Deadline;

  TestTimer(TestTimers& timers, std::chrono::nanoseconds since_start,
            Deadline kind = Deadline::kUnknown, unsigned shard = 0)
      : entry(timers.at(since_start), kind, timers.driver, shard) {}

  bool poll() { return poll(task); }
  bool poll(const MockTask& by) {
    const Waker waker = by.waker();
    Context cx(waker);
    return entry.poll(cx);
  }

  MockTask task;
  internal::TimerEntry entry;
};

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_TIMERS_H_
