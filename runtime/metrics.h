// RuntimeMetrics: numbers about a runtime, readable from any thread at any time.
//
// Spec: ..R-147.
//
// Everything here is always counted, but for the two histograms, which the Builder has to be asked
// for (metrics_poll_time_histogram, metrics_schedule_latency_histogram). Counters only grow, from
// the beginning of the runtime on: what happened lately is a difference, which RuntimeMonitor
// (runtime_monitor.h) makes, and prometheus_text() (prometheus.h) says it all in text.
//
//   const weft::runtime::RuntimeMetrics metrics = weft::runtime::Handle::current().metrics();
//   for (std::size_t worker = 0; worker < metrics.num_workers(); ++worker) {
//     std::println("{} polls, {} of them stolen", metrics.worker_poll_count(worker),
//                  metrics.worker_steal_count(worker));
//   }
//
// Each number is the one of some moment lately, and two of them are not of the same moment. Those
// of one worker never run backwards.

#ifndef WEFT_RUNTIME_METRICS_H_
#define WEFT_RUNTIME_METRICS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <pthread.h>
#include <source_location>
#include <string>
#include <utility>

#include <weft/runtime/metrics/histogram_configuration.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/scheduler/scheduler.h>

namespace weft::runtime {

// A handle to the counters, not a copy of them; cheap to copy. Thread-safe. Also valid after the
// runtime has stopped. A worker's number is below num_workers(), which never decreases; another one
// is a check failure. A current_thread runtime has one worker: whoever is in Runtime::block_on.
class RuntimeMetrics {
  using Where = std::source_location;

 public:
  explicit RuntimeMetrics(RefPtr<internal::Scheduler> scheduler) noexcept
      : scheduler_(std::move(scheduler)) {}

  // --- The runtime

  // What Builder::name() was given; none if nothing.
  std::optional<std::string> name() const;
  // The configured ones and, behind them, as many as threads were attached at one time.
  std::size_t num_workers() const noexcept { return scheduler_->worker_count(); }
  // Spawned and not complete. Catches up with a completion soon after its joiner was woken.
  std::uint64_t num_alive_tasks() const noexcept { return scheduler_->alive_tasks(); }
  // Tasks spawned so far. Not those of a LocalSet.
  std::uint64_t spawned_tasks_count() const noexcept { return scheduler_->spawned_tasks(); }
  // Tasks in the injection queue.
  std::uint64_t global_queue_depth() const noexcept { return scheduler_->global_queue_depth(); }
  // Tasks spawned or woken by threads that are none of the workers.
  std::uint64_t remote_schedule_count() const noexcept { return scheduler_->remote_schedules(); }
  // How many times a task, or what block_on runs, has used up its budget and had to let others run
  //
  std::uint64_t budget_forced_yield_count() const noexcept { return scheduler_->forced_yields(); }

  // --- The blocking pool; exact at the moment of the call, for which they take its lock.

  // Its threads, without the workers, which live there too.
  std::size_t num_blocking_threads() const noexcept;
  // Of these, waiting for something to do. 0 after the runtime has stopped.
  std::size_t num_idle_blocking_threads() const noexcept;
  // Jobs that no thread has taken yet.
  std::size_t blocking_queue_depth() const noexcept;

  // --- I/O

  // Descriptors registered so far, and how many of these have been deregistered.
  std::uint64_t io_driver_fd_registered_count() const noexcept;
  std::uint64_t io_driver_fd_deregistered_count() const noexcept;
  // Events that the system has reported. Not those by which the driver itself is woken.
  std::uint64_t io_driver_ready_count() const noexcept;

  // --- A worker's sleep

  // The thread that runs the worker now, or did last: block_in_place hands it to another. None
  // before the first.
  std::optional<::pthread_t> worker_thread_id(std::size_t worker,
                                              Where where = Where::current()) const;
  // How often it has gone to sleep.
  std::uint64_t worker_park_count(std::size_t worker, Where where = Where::current()) const;
  // Sleeps and wake-ups together: odd while it is parked, even while it is awake.
  std::uint64_t worker_park_unpark_count(std::size_t worker, Where where = Where::current()) const;
  // How often it has gone to sleep again without having polled anything: it was woken for work that
  // another worker had taken meanwhile.
  std::uint64_t worker_noop_count(std::size_t worker, Where where = Where::current()) const;
  // How long it has been awake in all, up to its last sleep or its last turn of the driver.
  std::chrono::nanoseconds worker_total_busy_duration(std::size_t worker,
                                                      Where where = Where::current()) const;

  // --- A worker's work

  // How many times it has polled a task. A task that was woken by the one before it and run right
  // after it, or by the scope whose child it is, counts as part of that poll.
  std::uint64_t worker_poll_count(std::size_t worker, Where where = Where::current()) const;
  // How long a poll takes on average, with what the worker does between two of them; newer polls
  // count for more. Zero on a current_thread runtime.
  std::chrono::nanoseconds worker_mean_poll_time(std::size_t worker,
                                                 Where where = Where::current()) const;
  // Tasks in its own queue. That which runs next (the LIFO slot) is not counted.
  std::uint64_t worker_local_queue_depth(std::size_t worker, Where where = Where::current()) const;
  // Tasks spawned, or woken, on the worker itself.
  std::uint64_t worker_local_schedule_count(std::size_t worker,
                                            Where where = Where::current()) const;
  // Of these, spawned.
  std::uint64_t worker_spawn_count(std::size_t worker, Where where = Where::current()) const;
  // How often its queue was full, so that half of it went to the injection queue.
  std::uint64_t worker_overflow_count(std::size_t worker, Where where = Where::current()) const;
  // Tasks it has taken from other workers, and how often it has taken some. 0 on current_thread.
  std::uint64_t worker_steal_count(std::size_t worker, Where where = Where::current()) const;
  std::uint64_t worker_steal_operations(std::size_t worker, Where where = Where::current()) const;

  // --- How long polls take (Builder::metrics_poll_time_histogram). One sample for each poll that
  // worker_poll_count() counts. A poll that hands its worker off (block_in_place) is measured up to
  // there.

  bool poll_time_histogram_enabled() const noexcept;
  // 0 if it is not enabled.
  std::size_t poll_time_histogram_num_buckets() const noexcept;
  // A check failure unless `bucket` is below their number; here and below.
  HistogramRange poll_time_histogram_bucket_range(std::size_t bucket,
                                                  Where where = Where::current()) const;
  std::uint64_t poll_time_histogram_bucket_count(std::size_t worker, std::size_t bucket,
                                                 Where where = Where::current()) const;
  // The sum of all samples; zero if it is not enabled.
  std::chrono::nanoseconds poll_time_histogram_sum(std::size_t worker,
                                                   Where where = Where::current()) const;

  // --- How long tasks wait in queues (Builder::metrics_schedule_latency_histogram), from when they
  // became runnable until just before they are polled. One sample for each poll of a task.

  bool schedule_latency_histogram_enabled() const noexcept;
  std::size_t schedule_latency_histogram_num_buckets() const noexcept;
  HistogramRange schedule_latency_histogram_bucket_range(std::size_t bucket,
                                                         Where where = Where::current()) const;
  std::uint64_t schedule_latency_histogram_bucket_count(std::size_t worker, std::size_t bucket,
                                                        Where where = Where::current()) const;
  std::chrono::nanoseconds schedule_latency_histogram_sum(std::size_t worker,
                                                          Where where = Where::current()) const;

 private:
  const internal::WorkerMetrics& worker(std::size_t index, Where where) const;

  RefPtr<internal::Scheduler> scheduler_;
};

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_METRICS_H_
