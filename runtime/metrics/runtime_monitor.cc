#include <weft/runtime/metrics/runtime_monitor.h>

#include <algorithm>

#include <weft/loom/steady_clock.h>

namespace weft::runtime {
namespace {

using std::chrono::nanoseconds;

// All counters, at some moment.
struct WorkerCounts {
  std::uint64_t parks, noops, polls, local_schedules, overflows, steals, steal_operations;
  nanoseconds busy;
};

struct Counts {
  std::chrono::steady_clock::time_point at;
  std::uint64_t spawned_tasks, remote_schedules, budget_forced_yields;
  std::uint64_t fds_registered, fds_deregistered, ready_events;
  std::vector<WorkerCounts> workers;
  std::vector<std::uint64_t> poll_times;
  std::vector<std::uint64_t> schedule_latencies;
};

WorkerCounts count_worker(const RuntimeMetrics& metrics, std::size_t worker) {
  return {.parks = metrics.worker_park_count(worker),
          .noops = metrics.worker_noop_count(worker),
          .polls = metrics.worker_poll_count(worker),
          .local_schedules = metrics.worker_local_schedule_count(worker),
          .overflows = metrics.worker_overflow_count(worker),
          .steals = metrics.worker_steal_count(worker),
          .steal_operations = metrics.worker_steal_operations(worker),
          .busy = metrics.worker_total_busy_duration(worker)};
}

template <class F>
std::vector<std::uint64_t> sum_of_workers(const RuntimeMetrics& metrics, std::size_t buckets,
                                          F&& count) {
  std::vector<std::uint64_t> sums(buckets);
  for (std::size_t worker = 0; worker < metrics.num_workers(); ++worker) {
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) sums[bucket] += count(worker, bucket);
  }
  return sums;
}

Counts count_all(const RuntimeMetrics& metrics) {
  Counts counts{.at = loom::SteadyClock::now(),
                .spawned_tasks = metrics.spawned_tasks_count(),
                .remote_schedules = metrics.remote_schedule_count(),
                .budget_forced_yields = metrics.budget_forced_yield_count(),
                .fds_registered = metrics.io_driver_fd_registered_count(),
                .fds_deregistered = metrics.io_driver_fd_deregistered_count(),
                .ready_events = metrics.io_driver_ready_count(),
                .workers = {},
                .poll_times = {},
                .schedule_latencies = {}};
  for (std::size_t worker = 0; worker < metrics.num_workers(); ++worker) {
    counts.workers.push_back(count_worker(metrics, worker));
  }
  counts.poll_times = sum_of_workers(
      metrics, metrics.poll_time_histogram_num_buckets(), [&](auto worker, auto bucket) {
        return metrics.poll_time_histogram_bucket_count(worker, bucket);
      });
  counts.schedule_latencies = sum_of_workers(
      metrics, metrics.schedule_latency_histogram_num_buckets(), [&](auto worker, auto bucket) {
        return metrics.schedule_latency_histogram_bucket_count(worker, bucket);
      });
  return counts;
}

template <class F>
auto spread(std::size_t workers, F&& value_of_worker) {
  Spread<decltype(value_of_worker(std::size_t{0}))> result;
  for (std::size_t worker = 0; worker < workers; ++worker) {
    const auto value = value_of_worker(worker);
    result.total += value;
    result.least = worker == 0 ? value : std::min(result.least, value);
    result.most = std::max(result.most, value);
  }
  return result;
}

// The growth of a counter of each worker. One that was not there before begins at nothing.
template <class T>
Spread<T> growth(const Counts& before, const Counts& now, T WorkerCounts::* counter) {
  return spread(now.workers.size(), [&](std::size_t worker) {
    const bool is_new = worker >= before.workers.size();
    return now.workers[worker].*counter - (is_new ? T{} : before.workers[worker].*counter);
  });
}

std::vector<std::uint64_t> growth(const std::vector<std::uint64_t>& before,
                                  std::vector<std::uint64_t> now) {
  for (std::size_t bucket = 0; bucket < now.size(); ++bucket) now[bucket] -= before[bucket];
  return now;
}

void add_present(RuntimeInterval& interval, const RuntimeMetrics& metrics) {
  interval.alive_tasks = metrics.num_alive_tasks();
  interval.global_queue_depth = metrics.global_queue_depth();
  interval.blocking_threads = metrics.num_blocking_threads();
  interval.idle_blocking_threads = metrics.num_idle_blocking_threads();
  interval.blocking_queue_depth = metrics.blocking_queue_depth();
  interval.local_queue_depth = spread(metrics.num_workers(), [&](std::size_t worker) {
    return metrics.worker_local_queue_depth(worker);
  });
}

RuntimeInterval between(const Counts& before, const Counts& now) {
  RuntimeInterval interval;
  interval.elapsed = now.at - before.at;
  interval.workers = now.workers.size();
  interval.spawned_tasks = now.spawned_tasks - before.spawned_tasks;
  interval.remote_schedules = now.remote_schedules - before.remote_schedules;
  interval.budget_forced_yields = now.budget_forced_yields - before.budget_forced_yields;
  interval.io_fds_registered = now.fds_registered - before.fds_registered;
  interval.io_fds_deregistered = now.fds_deregistered - before.fds_deregistered;
  interval.io_ready_events = now.ready_events - before.ready_events;
  interval.parks = growth(before, now, &WorkerCounts::parks);
  interval.noops = growth(before, now, &WorkerCounts::noops);
  interval.polls = growth(before, now, &WorkerCounts::polls);
  interval.local_schedules = growth(before, now, &WorkerCounts::local_schedules);
  interval.overflows = growth(before, now, &WorkerCounts::overflows);
  interval.steals = growth(before, now, &WorkerCounts::steals);
  interval.steal_operations = growth(before, now, &WorkerCounts::steal_operations);
  interval.busy = growth(before, now, &WorkerCounts::busy);
  interval.poll_time_histogram = growth(before.poll_times, now.poll_times);
  interval.schedule_latency_histogram = growth(before.schedule_latencies, now.schedule_latencies);
  return interval;
}

}  // namespace

double RuntimeInterval::busy_ratio() const noexcept {
  const double possible = static_cast<double>(elapsed.count()) * static_cast<double>(workers);
  return possible > 0.0 ? static_cast<double>(busy.total.count()) / possible : 0.0;
}

double RuntimeInterval::mean_polls_per_park() const noexcept {
  if (parks.total <= noops.total) return 0.0;
  return static_cast<double>(polls.total) / static_cast<double>(parks.total - noops.total);
}

Intervals<RuntimeInterval> RuntimeMonitor::intervals() const {
  return Intervals<RuntimeInterval>([metrics = metrics_, before = count_all(metrics_)]() mutable {
    Counts now = count_all(metrics);
    RuntimeInterval interval = between(before, now);
    add_present(interval, metrics);
    before = std::move(now);
    return interval;
  });
}

}  // namespace weft::runtime
