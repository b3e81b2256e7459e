// How long tasks are runnable before they are polled.

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <tests/support/runtimes.h>
#include <tests/unit/runtime/metrics_support.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using test_support::AsyncEvent;
using test_support::builder_of;
using test_support::Kind;
using test_support::kKinds;

using Latency = std::optional<nanoseconds>;

// What the hooks were told of the latency of one task's polls.
class Latencies {
 public:
  Builder watch(Builder builder) {
    builder.on_before_task_poll([this](const TaskMeta& meta) { add(before_, meta); });
    builder.on_after_task_poll([this](const TaskMeta& meta) { add(after_, meta); });
    return builder;
  }
  std::vector<Latency> before(TaskId id) const { return of(before_, id); }
  std::vector<Latency> after(TaskId id) const { return of(after_, id); }

 private:
  using Calls = std::vector<std::pair<std::uint64_t, Latency>>;
  void add(Calls& calls, const TaskMeta& meta) {
    const std::lock_guard lock(mutex_);
    calls.emplace_back(meta.id().value(), meta.schedule_latency());
  }
  std::vector<Latency> of(const Calls& calls, TaskId id) const {
    const std::lock_guard lock(mutex_);
    std::vector<Latency> found;
    for (const auto& [task, latency] : calls) {
      if (task == id.value()) found.push_back(latency);
    }
    return found;
  }

  mutable std::mutex mutex_;
  Calls before_;
  Calls after_;
};

Task<> wait_for(AsyncEvent& event) { co_await event.wait(); }

Runtime tracked_current_thread(Latencies& latencies) {
  return latencies.watch(Builder::new_current_thread().track_task_schedule_latency())
      .build()
      .value();
}

// A task that waits for `event` already.
JoinHandle<void> spawn_waiting(Runtime& rt, AsyncEvent& event) {
  auto waiting = rt.spawn(wait_for(event));
  rt.block_on(event.until_waiting(1));
  return waiting;
}

// The id of a task that has ended, and that had another one of two milliseconds in front of it.
TaskId run_behind_another(Runtime& rt) {
  auto first = rt.spawn(spin(2ms));
  auto second = rt.spawn(spin(0ms));
  const TaskId id = second.id();
  rt.block_on(first).value();
  rt.block_on(second).value();
  return id;
}

TEST(R147, NewTaskWaitsFromItsSpawnOn) {
  Latencies latencies;
  Runtime rt = tracked_current_thread(latencies);
  const TaskId id = run_behind_another(rt);
  ASSERT_EQ(latencies.before(id).size(), 1U);
  EXPECT_GE(latencies.before(id)[0], 2ms) << "the first was in front of it";
}

TEST(R147, WokenTaskWaitsFromItsWakeUpOn) {
  Latencies latencies;
  AsyncEvent event;
  Runtime rt = tracked_current_thread(latencies);
  auto waiting = spawn_waiting(rt, event);
  const TaskId id = waiting.id();
  auto waker = rt.spawn(
      [](AsyncEvent& e) -> Task<> {
        e.set();
        spin_for(2ms);
        co_return;
      },
      std::ref(event));
  rt.block_on(waker).value();
  rt.block_on(waiting).value();
  ASSERT_EQ(latencies.before(id).size(), 2U);
  EXPECT_GE(latencies.before(id)[1], 2ms);
}

TEST(R147, TimeSpentWaitingForAnEventIsNoLatency) {
  Latencies latencies;
  AsyncEvent event;
  Runtime rt = tracked_current_thread(latencies);
  auto waiting = spawn_waiting(rt, event);
  const TaskId id = waiting.id();
  const auto suspended = std::chrono::steady_clock::now();
  auto other = rt.spawn(spin(2ms));
  rt.block_on(other).value();
  event.set();
  const nanoseconds before_the_wake_up = std::chrono::steady_clock::now() - suspended;
  rt.block_on(waiting).value();
  const nanoseconds in_all = std::chrono::steady_clock::now() - suspended;
  EXPECT_LE(latencies.before(id).at(1), in_all - 2ms);
  EXPECT_GE(before_the_wake_up, 2ms);
}

TEST(R147, WakingAScheduledTaskDoesNotBeginAnew) {
  Latencies latencies;
  AsyncEvent event;
  Runtime rt = tracked_current_thread(latencies);
  auto waiting = spawn_waiting(rt, event);
  const TaskId id = waiting.id();
  auto waker = rt.spawn(
      [](AsyncEvent& e) -> Task<> {
        const std::vector<Waker> wakers = e.wakers();
        wakers.at(0).wake();
        spin_for(2ms);
        wakers.at(0).wake();
        e.set();
        co_return;
      },
      std::ref(event));
  rt.block_on(waker).value();
  rt.block_on(waiting).value();
  ASSERT_EQ(latencies.before(id).size(), 2U);
  EXPECT_GE(latencies.before(id)[1], 2ms);
}

TEST(R147, YieldedTaskWaitsFromTheEndOfItsPollOn) {
  Latencies latencies;
  Runtime rt = tracked_current_thread(latencies);
  auto yielding = rt.spawn([]() -> Task<> { co_await yield_now(); });
  auto other = rt.spawn(spin(2ms));
  const TaskId id = yielding.id();
  rt.block_on(yielding).value();
  rt.block_on(other).value();
  ASSERT_EQ(latencies.before(id).size(), 2U);
  EXPECT_GE(latencies.before(id)[1], 2ms);
}

Task<> wake_oneself_once() {
  bool has_waited = false;
  co_await test_support::until([&has_waited](Context& cx) {
    if (has_waited) return true;
    has_waited = true;
    cx.clone_waker().wake();
    return false;
  });
}

TEST(R147, TaskWokenWhileItRanWaitsFromTheEndOfItsPollOn) {
  Latencies latencies;
  Runtime rt = tracked_current_thread(latencies);
  std::optional<TaskId> id;
  rt.block_on([](std::optional<TaskId>& of) -> Task<> {
    auto woken = spawn(wake_oneself_once());
    auto other = spawn(spin(2ms));
    of = woken.id();
    const auto first = co_await woken;
    const auto second = co_await other;
    first.value();
    second.value();
  }(id));
  ASSERT_EQ(latencies.before(*id).size(), 2U);
  EXPECT_GE(latencies.before(*id)[1], 2ms) << "the other one was in front of it";
}

TEST(R147, BothHooksOfAPollAreToldTheSame) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    Latencies latencies;
    std::optional<TaskId> id;
    {
      Runtime rt = latencies.watch(builder_of(kind).track_task_schedule_latency()).build().value();
      auto task = rt.spawn([]() -> Task<> {
        for (int i = 0; i < 3; ++i) co_await yield_now();
      });
      id = task.id();
      rt.block_on(task).value();
    }
    const std::vector<Latency> before = latencies.before(*id);
    ASSERT_EQ(before.size(), 4U);
    for (const Latency& latency : before) EXPECT_GE(latency, 0ns);
    EXPECT_EQ(latencies.after(*id), before);
  }
}

TEST(R147, NamedTasksAreTrackedToo) {
  Latencies latencies;
  Runtime rt = tracked_current_thread(latencies);
  const auto make = []() -> Task<> { co_return; };
  auto task = internal::spawn_named_task(rt.handle().scheduler(), make(),
                                         std::source_location::current(), "named");
  const TaskId id = task.id();
  rt.block_on(task).value();
  ASSERT_EQ(latencies.before(id).size(), 1U);
  EXPECT_TRUE(latencies.before(id)[0].has_value());
}

TEST(R147, NobodyIsToldALatencyUnlessItIsTracked) {
  Latencies latencies;
  Runtime rt = latencies.watch(Builder::new_current_thread()).build().value();
  auto task = rt.spawn(spin(0ms));
  const TaskId id = task.id();
  rt.block_on(task).value();
  EXPECT_EQ(latencies.before(id), std::vector<Latency>{std::nullopt});
  EXPECT_EQ(latencies.after(id), std::vector<Latency>{std::nullopt});
}

TEST(R147, EachPollIsASampleOfTheHistogram) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    std::optional<RuntimeMetrics> metrics;
    {
      Runtime rt = builder_of(kind)
                       .metrics_schedule_latency_histogram(HistogramConfiguration::linear(1h, 2))
                       .build()
                       .value();
      metrics = rt.metrics();
      for (int i = 0; i < 5; ++i) {
        auto task = rt.spawn([]() -> Task<> { co_await yield_now(); });
        rt.block_on(task).value();
      }
    }
    std::uint64_t samples = 0;
    for (std::size_t worker = 0; worker < metrics->num_workers(); ++worker) {
      samples += metrics->schedule_latency_histogram_bucket_count(worker, 0);
    }
    EXPECT_EQ(samples, 10U);
  }
}

TEST(R147, HistogramImpliesTracking) {
  Latencies latencies;
  Runtime rt = latencies.watch(Builder::new_current_thread().metrics_schedule_latency_histogram())
                   .build()
                   .value();
  const TaskId id = run_behind_another(rt);
  EXPECT_GE(latencies.before(id).at(0), 2ms);
  EXPECT_GE(rt.metrics().schedule_latency_histogram_sum(0), 2ms);
}

TEST(R147, TrackingAloneKeepsNoHistogram) {
  const Runtime rt = Builder::new_current_thread().track_task_schedule_latency().build().value();
  EXPECT_FALSE(rt.metrics().schedule_latency_histogram_enabled());
}

// For the thread sanitizer: the beginning is written by who wakes and read by who polls.
TEST(R147, LatencyIsMeasuredAcrossThreads) {
  Latencies latencies;
  Runtime rt =
      latencies.watch(builder_of(Kind::kTwoWorkers).track_task_schedule_latency()).build().value();
  for (int i = 0; i < 100; ++i) {
    AsyncEvent event;
    auto task = rt.spawn(wait_for(event));
    const TaskId id = task.id();
    std::jthread setter([&] { event.set(); });
    rt.block_on(task).value();
    setter.join();
    for (const Latency& latency : latencies.before(id)) EXPECT_GE(latency, 0ns);
  }
}

}  // namespace
}  // namespace weft::runtime
