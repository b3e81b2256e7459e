// RuntimeMetrics: numbers about a runtime, readable from any thread at any time.
//
// Spec.

#ifndef WEFT_RUNTIME_METRICS_H_
#define WEFT_RUNTIME_METRICS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <source_location>

#include <weft/runtime/ref_counted.h>
#include <weft/runtime/scheduler/scheduler.h>

namespace weft::runtime {

// A handle to the counters, not a copy of them. Also valid after the runtime has stopped. A
// worker's number is below num_workers(); another one is a check failure.
class RuntimeMetrics {
 public:
  explicit RuntimeMetrics(RefPtr<internal::Scheduler> scheduler) noexcept
      : scheduler_(std::move(scheduler)) {}

  // The configured ones and, behind them, as many as threads were attached at one time.
  std::size_t num_workers() const noexcept { return scheduler_->worker_count(); }
  // Spawned and not complete. Catches up with a completion soon after its joiner was woken.
  std::uint64_t num_alive_tasks() const noexcept { return scheduler_->alive_tasks(); }
  // Tasks in the injection queue.
  std::uint64_t global_queue_depth() const noexcept { return scheduler_->global_queue_depth(); }

  // How often the worker has gone to sleep.
  std::uint64_t worker_park_count(
      std::size_t worker, std::source_location where = std::source_location::current()) const;
  // Sleeps and wake-ups together: odd while it is parked, even while it is awake.
  std::uint64_t worker_park_unpark_count(
      std::size_t worker, std::source_location where = std::source_location::current()) const;
  // How long it has been awake in all, up to its last sleep.
  std::chrono::nanoseconds worker_total_busy_duration(
      std::size_t worker, std::source_location where = std::source_location::current()) const;
  // How many times it has polled a task.
  std::uint64_t worker_poll_count(
      std::size_t worker, std::source_location where = std::source_location::current()) const;
  // Tasks it has taken from other workers.
  std::uint64_t worker_steal_count(
      std::size_t worker, std::source_location where = std::source_location::current()) const;
  // Tasks spawned on the worker.
  std::uint64_t worker_spawn_count(
      std::size_t worker, std::source_location where = std::source_location::current()) const;

 private:
  const internal::WorkerMetrics& worker(std::size_t index, std::source_location where) const;

  RefPtr<internal::Scheduler> scheduler_;
};

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_METRICS_H_
