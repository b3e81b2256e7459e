// Where the time of an instrumented task goes. The clock stands still, but for where a test moves
// it; so every duration is exact.

#include <chrono>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/mock_task.h>
#include <tests/support/probe.h>
#include <tests/support/runtimes.h>
#include <weft/runtime/join.h>
#include <weft/runtime/metrics/task_monitor.h>
#include <weft/runtime/poll_fn.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/time/sleep.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using test_support::AsyncEvent;
using test_support::MockTask;
using test_support::Polled;
using test_support::Probe;
using test_support::SlowProbe;

// A runtime that is entered and whose clock the test moves.
class PausedClock {
 public:
  void pass(nanoseconds duration) {
    rt_.handle().scheduler().driver().clock().advance(duration, std::source_location::current());
  }
  Runtime& runtime() { return rt_; }

 private:
  Runtime rt_ = test_support::paused_current_thread();
  EnterGuard entered_ = rt_.enter();
};

// An awaitable that a monitor of its own watches, polled by hand.
template <class A>
class Watched {
  using Instrumented = decltype(std::declval<TaskMonitor>().instrument(std::declval<A>()));

 public:
  explicit Watched(A&& awaitable) : Watched(TaskMonitorOptions(), std::move(awaitable)) {}
  Watched(TaskMonitorOptions options, A&& awaitable)
      : monitor_(options), polled_(monitor_.instrument(std::move(awaitable))) {}

  bool poll() { return polled_.poll(task_); }
  auto take() { return polled_.take(); }
  MockTask& task() noexcept { return task_; }
  const TaskMonitor& monitor() const noexcept { return monitor_; }
  TaskMetrics metrics() const { return monitor_.cumulative(); }

 private:
  const TaskMonitor monitor_;
  MockTask task_;
  Polled<Instrumented> polled_;
};

void expect(TimedCount found, std::uint64_t count, nanoseconds total) {
  EXPECT_EQ(found.count, count);
  EXPECT_EQ(found.total, total);
}

TEST(R148, FirstPollIsDelayedFromInstrumentOn) {
  PausedClock clock;
  Probe<int> probe;
  Watched watched(probe.wait());
  EXPECT_EQ(watched.metrics().instrumented, 1U);
  expect(watched.metrics().first_polls, 0, 0ns);
  clock.pass(3s);
  EXPECT_FALSE(watched.poll());
  expect(watched.metrics().first_polls, 1, 3s);
  clock.pass(1s);
  EXPECT_FALSE(watched.poll());
  expect(watched.metrics().first_polls, 1, 3s);
}

TEST(R148, IdleIsTheTimeUntilTheWakeUpAndScheduledFromThereOn) {
  PausedClock clock;
  Probe<int> probe;
  Watched watched(probe.wait());
  EXPECT_FALSE(watched.poll());
  clock.pass(5s);
  probe.complete(1);
  EXPECT_EQ(watched.task().wake_count(), 1);
  clock.pass(2s);
  EXPECT_TRUE(watched.poll());
  EXPECT_EQ(watched.take(), 1);
  const TaskMetrics metrics = watched.metrics();
  expect(metrics.idle, 1, 5s);
  expect(metrics.scheduled, 1, 2s);
  expect(metrics.polls, 2, 0ns);
  EXPECT_EQ(metrics.idle.mean(), 5s);
}

TEST(R148, OnlyTheFirstWakeUpSinceThePollCounts) {
  PausedClock clock;
  std::optional<Waker> kept;
  Watched watched(poll_fn([&](Context& cx) -> Poll<void> {
    kept = cx.clone_waker();
    return kPending;
  }));
  EXPECT_FALSE(watched.poll());
  clock.pass(5s);
  kept->wake();
  clock.pass(1s);
  kept->wake();
  clock.pass(1s);
  EXPECT_FALSE(watched.poll());
  expect(watched.metrics().idle, 1, 5s);
  expect(watched.metrics().scheduled, 1, 2s);
}

TEST(R148, WakeUpDuringThePollMeansNoIdleTime) {
  PausedClock clock;
  Watched watched(poll_fn([&](Context& cx) -> Poll<void> {
    cx.waker().wake();
    clock.pass(4s);
    return kPending;
  }));
  EXPECT_FALSE(watched.poll());
  EXPECT_TRUE(watched.task().take_woken());
  clock.pass(1s);
  EXPECT_FALSE(watched.poll());
  EXPECT_TRUE(watched.task().take_woken()) << "each poll's wake-ups wake the task anew";
  expect(watched.metrics().idle, 1, 0ns);
  expect(watched.metrics().scheduled, 1, 1s);
}

TEST(R148, PollForAnothersSakeIsNoDelay) {
  PausedClock clock;
  Probe<int> probe;
  Watched watched(probe.wait());
  EXPECT_FALSE(watched.poll());
  clock.pass(3s);
  EXPECT_FALSE(watched.poll()) << "nobody has woken it";
  expect(watched.metrics().idle, 1, 3s);
  expect(watched.metrics().scheduled, 0, 0ns);
}

TEST(R148, SlowPollsTakeLongerThanTheThreshold) {
  PausedClock clock;
  std::vector<nanoseconds> durations = {50us, 51us, 10us, 1ms};
  std::size_t next = 0;
  Watched watched(poll_fn([&](Context&) -> Poll<void> {
    clock.pass(durations[next++]);
    return kPending;
  }));
  for (std::size_t i = 0; i < durations.size(); ++i) EXPECT_FALSE(watched.poll());
  const TaskMetrics metrics = watched.metrics();
  expect(metrics.polls, 4, 50us + 51us + 10us + 1ms);
  expect(metrics.slow_polls, 2, 51us + 1ms);
  expect(metrics.fast_polls(), 2, 60us);
  EXPECT_DOUBLE_EQ(metrics.slow_poll_ratio(), 0.5);
}

TEST(R148, LongDelaysAreLongerThanTheThreshold) {
  PausedClock clock;
  Watched watched(poll_fn([](Context& cx) -> Poll<void> {
    cx.waker().wake();
    return kPending;
  }));
  EXPECT_FALSE(watched.poll());
  for (const nanoseconds delay : {nanoseconds(50us), nanoseconds(51us), nanoseconds(2us)}) {
    clock.pass(delay);
    EXPECT_FALSE(watched.poll());
  }
  const TaskMetrics metrics = watched.metrics();
  expect(metrics.scheduled, 3, 103us);
  expect(metrics.long_delays, 1, 51us);
  expect(metrics.short_delays(), 2, 52us);
  EXPECT_DOUBLE_EQ(metrics.long_delay_ratio(), 1.0 / 3.0);
}

TEST(R148, ThresholdsAreTheMonitors) {
  PausedClock clock;
  TaskMonitorOptions options;
  options.slow_poll_threshold = 1s;
  options.long_delay_threshold = 2s;
  const auto slowly = [&](Context& cx) -> Poll<void> {
    clock.pass(1s);
    cx.waker().wake();
    return kPending;
  };
  Watched watched(options, poll_fn(slowly));
  EXPECT_FALSE(watched.poll());
  clock.pass(2s);
  EXPECT_FALSE(watched.poll());
  EXPECT_EQ(watched.metrics().slow_polls.count, 0U);
  EXPECT_EQ(watched.metrics().long_delays.count, 0U);
  clock.pass(2s + 1ns);
  EXPECT_FALSE(watched.poll());
  EXPECT_EQ(watched.metrics().long_delays.count, 1U);
}

TEST(R148, EndOfAnInstrumentedAwaitableIsCountedHoweverItCame) {
  const TaskMonitor monitor;
  MockTask task;
  Probe<int> probe;
  {
    Polled complete(monitor.instrument(probe.wait()));
    probe.complete(3);
    EXPECT_TRUE(complete.poll(task));
    Probe<int> never;
    Polled cancelled(monitor.instrument(never.wait()));
    EXPECT_FALSE(cancelled.poll(task));
    auto moved = monitor.instrument(never.wait());
    const auto unpolled = std::move(moved);
    EXPECT_EQ(monitor.cumulative().instrumented, 3U);
    EXPECT_EQ(monitor.cumulative().dropped, 0U);
  }
  EXPECT_EQ(monitor.cumulative().dropped, 3U);
  EXPECT_EQ(task.waker_ref_count(), 1);
}

TEST(R148, WakerThatOutlivesTheAwaitableWakesNobody) {
  MockTask task;
  Waker kept;
  {
    const TaskMonitor monitor;
    Polled watched(monitor.instrument(poll_fn([&](Context& cx) -> Poll<void> {
      kept = cx.clone_waker();
      return kPending;
    })));
    EXPECT_FALSE(watched.poll(task));
  }
  EXPECT_EQ(task.waker_ref_count(), 1);
  std::move(kept).wake();
  EXPECT_EQ(task.wake_count(), 0);
}

TEST(R148, ResultsAndExceptionsComeThrough) {
  Runtime rt = test_support::current_thread();
  const TaskMonitor monitor;
  EXPECT_EQ(rt.block_on(monitor.instrument([]() -> Task<int> {
    co_await yield_now();
    co_return 4;
  }())),
            4);
  EXPECT_THROW(rt.block_on(monitor.instrument([]() -> Task<int> {
    co_await yield_now();
    throw std::runtime_error("task");
  }())),
               std::runtime_error);
  expect(monitor.cumulative().first_polls, 2, monitor.cumulative().first_polls.total);
  EXPECT_EQ(monitor.cumulative().polls.count, 4U);
  EXPECT_EQ(monitor.cumulative().dropped, 2U);
}

TEST(R148, BorrowedAwaitableSurvivesItsMonitor) {
  const TaskMonitor monitor;
  MockTask task;
  Probe<int> probe;
  auto join_of_one = join(probe.wait());
  {
    Polled watched(monitor.instrument(join_of_one));
    EXPECT_FALSE(watched.poll(task));
  }
  EXPECT_EQ(probe.alive(), 1) << "it was only borrowed";
}

TEST(R148, WhatEndsSlowlyIsDrivenToItsEnd) {
  const TaskMonitor monitor;
  MockTask task;
  SlowProbe probe;
  Polled watched(monitor.instrument(probe.wait()));
  EXPECT_FALSE(watched.poll(task));
  const Waker waker = task.waker();
  Context cx(waker);
  EXPECT_FALSE(watched.node().poll_cancel(cx));
  EXPECT_EQ(probe.cancel_polls(), 1);
  probe.let_end();
  EXPECT_TRUE(watched.node().poll_cancel(cx));
}

TEST(R148, InstrumentedTaskIsSpawnedAsAnyOther) {
  Runtime rt = test_support::paused_current_thread();
  const TaskMonitor monitor;
  auto sleeps = []() -> Task<int> {
    co_await time::sleep(3s);
    co_await time::sleep(4s);
    co_return 7;
  };
  auto handle = rt.spawn(monitor.instrument(sleeps()));
  EXPECT_EQ(rt.block_on(handle).value(), 7);
  const TaskMetrics metrics = monitor.cumulative();
  expect(metrics.idle, 2, 7s);
  EXPECT_EQ(metrics.scheduled.count, 2U);
  EXPECT_EQ(metrics.polls.count, 3U);
  EXPECT_EQ(metrics.dropped, 1U);
}

TEST(R148, CopiesOfAMonitorShareTheirNumbers) {
  MockTask task;
  Probe<int> probe;
  const TaskMonitor monitor;
  const TaskMonitor copy = monitor;
  Polled watched(copy.instrument(probe.wait()));
  EXPECT_FALSE(watched.poll(task));
  EXPECT_EQ(monitor.cumulative().polls.count, 1U);
}

TEST(R148, IntervalOfAMonitorHasWhatIsNew) {
  PausedClock clock;
  Probe<int> probe;
  Watched watched(probe.wait());
  EXPECT_FALSE(watched.poll());
  auto intervals = watched.monitor().intervals();
  clock.pass(2s);
  probe.wake();
  EXPECT_FALSE(watched.poll());
  const TaskMetrics first = intervals.next();
  EXPECT_EQ(first.instrumented, 0U) << "that was before";
  expect(first.first_polls, 0, 0ns);
  expect(first.idle, 1, 2s);
  EXPECT_EQ(first.scheduled.count, 1U);
  EXPECT_EQ(first.polls.count, 1U);
  EXPECT_EQ(first.slow_polls.count, 0U);
  EXPECT_EQ(first.long_delays.count, 0U);
  EXPECT_EQ(first.dropped, 0U);
  EXPECT_EQ(intervals.next().polls.count, 0U);
}

TEST(R148, MeansAndRatiosOfNothingAreZero) {
  const TaskMetrics nothing;
  EXPECT_EQ(nothing.polls.mean(), 0ns);
  EXPECT_EQ(nothing.slow_poll_ratio(), 0.0);
  EXPECT_EQ(nothing.long_delay_ratio(), 0.0);
}

// For the thread sanitizer.
TEST(R148, ManyThreadsMeasureIntoOneMonitor) {
  Runtime rt = test_support::multi_thread(2);
  const TaskMonitor monitor;
  for (int round = 0; round < 50; ++round) {
    AsyncEvent event;
    auto wait = [](AsyncEvent& e) -> Task<> { co_await e.wait(); };
    auto first = rt.spawn(monitor.instrument(wait(event)));
    auto second = rt.spawn(monitor.instrument(wait(event)));
    std::jthread setter([&] { event.set(); });
    rt.block_on(first).value();
    rt.block_on(second).value();
    setter.join();
  }
  const TaskMetrics metrics = monitor.cumulative();
  EXPECT_EQ(metrics.instrumented, 100U);
  EXPECT_EQ(metrics.dropped, 100U);
  EXPECT_EQ(metrics.first_polls.count, 100U);
  EXPECT_EQ(metrics.polls.count, metrics.first_polls.count + metrics.idle.count);
}

}  // namespace
}  // namespace weft::runtime
