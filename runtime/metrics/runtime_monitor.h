// RuntimeMonitor: what a runtime has done lately.
//
// Spec: R-148.
//
// The counters of RuntimeMetrics grow for ever. What one wants to see is how much they have grown
// in the last second, in all and by the least and the most busy worker; so this takes differences.
//
//   const runtime::RuntimeMonitor monitor(runtime::Handle::current().metrics());
//   auto intervals = monitor.intervals();
//   co_await work();
//   const runtime::RuntimeInterval during = intervals.next();
//   report(during.polls.total, during.busy_ratio(), during.mean_polls_per_park());

#ifndef WEFT_RUNTIME_METRICS_RUNTIME_MONITOR_H_
#define WEFT_RUNTIME_METRICS_RUNTIME_MONITOR_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <weft/runtime/metrics.h>
#include <weft/runtime/metrics/intervals.h>

namespace weft::runtime {

// A number that each worker has.
template <class T>
struct Spread {
  T total{};
  T least{};  // of one worker
  T most{};
};

// What has happened in an interval, and how things stood at its end. What the numbers mean is said
// at the functions of RuntimeMetrics with the same names.
struct RuntimeInterval {
  std::chrono::nanoseconds elapsed{};
  std::size_t workers = 0;

  // In the interval.
  std::uint64_t spawned_tasks = 0;
  std::uint64_t remote_schedules = 0;
  std::uint64_t budget_forced_yields = 0;
  std::uint64_t io_fds_registered = 0;
  std::uint64_t io_fds_deregistered = 0;
  std::uint64_t io_ready_events = 0;
  Spread<std::uint64_t> parks;
  Spread<std::uint64_t> noops;
  Spread<std::uint64_t> polls;
  Spread<std::uint64_t> local_schedules;
  Spread<std::uint64_t> overflows;
  Spread<std::uint64_t> steals;
  Spread<std::uint64_t> steal_operations;
  Spread<std::chrono::nanoseconds> busy;
  // Of all workers, for each bucket; empty if the histogram is not enabled.
  std::vector<std::uint64_t> poll_time_histogram;
  std::vector<std::uint64_t> schedule_latency_histogram;

  // At its end.
  std::uint64_t alive_tasks = 0;
  std::uint64_t global_queue_depth = 0;
  std::size_t blocking_threads = 0;
  std::size_t idle_blocking_threads = 0;
  std::size_t blocking_queue_depth = 0;
  Spread<std::uint64_t> local_queue_depth;

  // How much of their time the workers were awake: 0 is none, 1 all of them all the time. A worker
  // accounts for its time now and then (RuntimeMetrics::worker_total_busy_duration), so that a
  // short interval may get less or more than its share.
  double busy_ratio() const noexcept;
  // How many polls a wake-up was good for, those for nothing not counted; 0 if there was none.
  double mean_polls_per_park() const noexcept;
};

// Copyable. Thread-safe.
class RuntimeMonitor {
 public:
  explicit RuntimeMonitor(RuntimeMetrics metrics) noexcept : metrics_(std::move(metrics)) {}

  const RuntimeMetrics& metrics() const noexcept { return metrics_; }
  // The first interval begins now.
  Intervals<RuntimeInterval> intervals() const;

 private:
  RuntimeMetrics metrics_;
};

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_METRICS_RUNTIME_MONITOR_H_
