// What a runtime has done in an interval.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/runtimes.h>
#include <tests/unit/runtime/metrics_support.h>
#include <weft/runtime/consume_budget.h>
#include <weft/runtime/metrics/runtime_monitor.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/time/sleep.h>

namespace weft::runtime {
namespace {

using namespace std::chrono_literals;

TEST(R148, IntervalHasWhatHappenedSinceTheOneBefore) {
  Runtime rt = test_support::current_thread();
  const RuntimeMonitor monitor(rt.metrics());
  auto before = rt.spawn(yield_times(5));
  rt.block_on(before).value();
  auto intervals = monitor.intervals();
  auto task = rt.spawn(yield_times(2));
  rt.block_on(task).value();
  const RuntimeInterval first = intervals.next();
  EXPECT_EQ(first.workers, 1U);
  EXPECT_EQ(first.polls.total, 3U);
  EXPECT_EQ(first.spawned_tasks, 1U);
  EXPECT_EQ(first.remote_schedules, 1U);
  EXPECT_EQ(first.local_schedules.total, 2U);
  EXPECT_EQ(first.steals.total, 0U);
  EXPECT_EQ(first.steal_operations.total, 0U);
  EXPECT_EQ(first.overflows.total, 0U);
  EXPECT_GT(first.elapsed, 0ns);
  EXPECT_GT(first.busy.total, 0ns);
  EXPECT_LE(first.busy.total, first.elapsed);
  const RuntimeInterval second = intervals.next();
  EXPECT_EQ(second.polls.total, 0U);
  EXPECT_EQ(second.spawned_tasks, 0U);
  EXPECT_EQ(second.remote_schedules, 0U);
  EXPECT_EQ(second.local_schedules.total, 0U);
  EXPECT_EQ(second.busy.total, 0ns);
}

TEST(R148, IntervalCountsParksAndForcedYields) {
  Runtime rt = test_support::paused_current_thread();
  auto intervals = RuntimeMonitor(rt.metrics()).intervals();
  rt.block_on([]() -> Task<> {
    for (int i = 0; i < 3; ++i) co_await time::sleep(1s);
    for (int i = 0; i < 128; ++i) co_await consume_budget();
  }());
  const RuntimeInterval interval = intervals.next();
  EXPECT_EQ(interval.parks.total, rt.metrics().worker_park_count(0));
  EXPECT_EQ(interval.noops.total, rt.metrics().worker_noop_count(0));
  EXPECT_GE(interval.parks.total, 3U);
  EXPECT_EQ(interval.budget_forced_yields, 1U);
}

TEST(R148, IntervalTellsHowThingsStandAtItsEnd) {
  Runtime rt = test_support::current_thread();
  auto intervals = RuntimeMonitor(rt.metrics()).intervals();
  auto task = rt.spawn(yield_times(1));
  const RuntimeInterval queued = intervals.next();
  EXPECT_EQ(queued.alive_tasks, 1U);
  EXPECT_EQ(queued.global_queue_depth, 1U);
  EXPECT_EQ(queued.local_queue_depth.total, 0U);
  EXPECT_EQ(queued.blocking_threads, 0U);
  EXPECT_EQ(queued.idle_blocking_threads, 0U);
  EXPECT_EQ(queued.blocking_queue_depth, 0U);
  rt.block_on(task).value();
  const RuntimeInterval done = intervals.next();
  EXPECT_EQ(done.alive_tasks, 0U);
  EXPECT_EQ(done.global_queue_depth, 0U);
}

TEST(R148, WorkersAreCompared) {
  std::optional<RuntimeMonitor> monitor;
  std::optional<Intervals<RuntimeInterval>> intervals;
  std::vector<std::uint64_t> polls;
  {
    Runtime rt = test_support::multi_thread(3);
    monitor.emplace(rt.metrics());
    intervals = monitor->intervals();
    for (int i = 0; i < 20; ++i) {
      auto task = rt.spawn(yield_times(2));
      rt.block_on(task).value();
    }
  }
  const RuntimeInterval interval = intervals->next();
  std::uint64_t least = UINT64_MAX;
  std::uint64_t most = 0;
  for (std::size_t worker = 0; worker < 3; ++worker) {
    const std::uint64_t count = monitor->metrics().worker_poll_count(worker);
    least = std::min(least, count);
    most = std::max(most, count);
  }
  EXPECT_EQ(interval.workers, 3U);
  EXPECT_EQ(interval.polls.total, 60U);
  EXPECT_EQ(interval.polls.least, least);
  EXPECT_EQ(interval.polls.most, most);
}

TEST(R148, IntervalHasTheGrowthOfTheHistograms) {
  Runtime rt = Builder::new_current_thread()
                   .metrics_poll_time_histogram(HistogramConfiguration::linear(1h, 3))
                   .metrics_schedule_latency_histogram(HistogramConfiguration::linear(1h, 2))
                   .build()
                   .value();
  auto before = rt.spawn(yield_times(5));
  rt.block_on(before).value();
  auto intervals = RuntimeMonitor(rt.metrics()).intervals();
  auto task = rt.spawn(yield_times(3));
  rt.block_on(task).value();
  const RuntimeInterval interval = intervals.next();
  EXPECT_EQ(interval.poll_time_histogram, (std::vector<std::uint64_t>{4, 0, 0}));
  EXPECT_EQ(interval.schedule_latency_histogram, (std::vector<std::uint64_t>{4, 0}));
}

TEST(R148, BusyRatioIsOfAllWorkersTime) {
  RuntimeInterval interval;
  EXPECT_EQ(interval.busy_ratio(), 0.0) << "of no time at all";
  interval.workers = 2;
  interval.elapsed = 10ms;
  interval.busy.total = 5ms;
  EXPECT_DOUBLE_EQ(interval.busy_ratio(), 0.25);
  interval.busy.total = 20ms;
  EXPECT_DOUBLE_EQ(interval.busy_ratio(), 1.0);
}

TEST(R148, MeanPollsPerParkLeavesNoopsOut) {
  RuntimeInterval interval;
  interval.polls.total = 12;
  EXPECT_EQ(interval.mean_polls_per_park(), 0.0) << "no park";
  interval.parks.total = 5;
  interval.noops.total = 1;
  EXPECT_DOUBLE_EQ(interval.mean_polls_per_park(), 3.0);
  interval.noops.total = 5;
  EXPECT_EQ(interval.mean_polls_per_park(), 0.0);
}

TEST(R148, IntervalsAreARangeWithoutEnd) {
  Runtime rt = test_support::current_thread();
  auto intervals = RuntimeMonitor(rt.metrics()).intervals();
  std::vector<std::uint64_t> spawned;
  for (const RuntimeInterval& interval : intervals) {
    spawned.push_back(interval.spawned_tasks);
    if (spawned.size() == 3) break;
    auto task = rt.spawn(yield_times(0));
    rt.block_on(task).value();
  }
  EXPECT_EQ(spawned, (std::vector<std::uint64_t>{0, 1, 1}));
  static_assert(std::ranges::input_range<Intervals<RuntimeInterval>>);
}

}  // namespace
}  // namespace weft::runtime
