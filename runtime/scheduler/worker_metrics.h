// WorkerMetrics: what is counted about one worker, and by whom.
//
// Spec: ..R-147.
//
// The thread that holds the worker counts and measures; any thread reads (RuntimeMetrics). Counting
// is always on and costs an instruction here and there (counter.h). How long the worker was busy,
// and the mean time of a poll, come from clocks that it reads anyway, once every few dozen ticks
// and around each sleep. Two things would need the clock for every poll, so each has to be asked
// for: the histogram of poll times (PollTimer below), and that of schedule latency
// (task/task_hooks.h).

#ifndef WEFT_RUNTIME_SCHEDULER_WORKER_METRICS_H_
#define WEFT_RUNTIME_SCHEDULER_WORKER_METRICS_H_

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include <weft/runtime/scheduler/config.h>
#include <weft/runtime/scheduler/counter.h>
#include <weft/runtime/scheduler/histogram.h>
#include <weft/runtime/scheduler/weighted_mean.h>

namespace weft::internal {

// Written by the thread that holds the worker, read by all; relaxed throughout.
struct WorkerMetrics {
  explicit WorkerMetrics(const RuntimeConfig& config)
      : poll_times(Histogram::make(config.poll_time_histogram)),
        schedule_latencies(Histogram::make(config.schedule_latency_histogram)) {}

  Counter park_unpark_count{0};  // odd: parked
  Counter busy_nanoseconds{0};
  Counter noops{0};  // parks without a poll since the one before
  Counter polls{0};
  Counter steals{0};  // tasks
  Counter steal_operations{0};
  Counter overflows{0};
  Counter forced_yields{0};
  Counter spawned{0};
  Counter ended{0};
  Counter woken{0};        // queued here, other than by being spawned
  Counter queue_depth{0};  // current_thread only
  Counter mean_poll_nanoseconds{0};
  Counter holder{0};  // the holder's pthread_t; 0, which is none, before the first
  // Null: not asked for.
  const std::unique_ptr<Histogram> poll_times;
  const std::unique_ptr<Histogram> schedule_latencies;
};

// The calling thread has become the holder.
void note_holder(WorkerMetrics& metrics) noexcept;

// The holder's: the time between sleeps.
class BusyTime {
 public:
  using SteadyPoint = std::chrono::steady_clock::time_point;

  void begin(SteadyPoint now) noexcept { since_ = now; }
  // Adds what has passed since begin() or the last call, and returns it.
  std::chrono::nanoseconds record(SteadyPoint now, WorkerMetrics& metrics) noexcept;

 private:
  SteadyPoint since_;
};

// The holder's: how long polls take on average, and all that comes between two of them.
class MeanPollTime {
 public:
  // `busy` has passed since the last call.
  void record(std::chrono::nanoseconds busy, WorkerMetrics& metrics) noexcept;
  // 0 before the first poll.
  std::chrono::nanoseconds value() const noexcept {
    return std::chrono::nanoseconds(static_cast<std::int64_t>(mean_ ? mean_->value() : 0.0));
  }

 private:
  std::uint64_t polls_ = 0;           // that there were at the last call
  std::optional<WeightedMean> mean_;  // none before the first poll
};

// The holder's: parks for nothing.
class ParkCount {
 public:
  void park(WorkerMetrics& metrics) noexcept {
    const std::uint64_t polls = value_of(metrics.polls);
    if (polls == std::exchange(polls_at_last_, polls)) add(metrics.noops);
    add(metrics.park_unpark_count);
  }
  void unpark(WorkerMetrics& metrics) noexcept { add(metrics.park_unpark_count); }

 private:
  std::uint64_t polls_at_last_ = std::numeric_limits<std::uint64_t>::max();
};

// The holder's: how long polls take, for the histogram. A poll and what runs from the LIFO slot
// right after it are one sample.
class PollTimer {
 public:
  using SteadyPoint = std::chrono::steady_clock::time_point;

  // Null: measures nothing.
  explicit PollTimer(Histogram* histogram) noexcept : histogram_(histogram) {}

  bool is_enabled() const noexcept { return histogram_ != nullptr; }
  // Before a poll; `continues`: it belongs to the sample of the one before.
  void begin(bool continues) noexcept;
  // After it; `goes_on`: the next poll may belong to the same sample. Does nothing if the sample
  // has been finished meanwhile.
  void end(bool goes_on) noexcept;
  // The worker sleeps, stops, or is handed off in the middle of a poll.
  void finish() noexcept;

 private:
  enum class Stage : std::uint8_t { kIdle, kPolling, kBetween };

  Histogram* const histogram_;
  Stage stage_ = Stage::kIdle;
  SteadyPoint start_;  // of the sample
  SteadyPoint end_;    // of its last poll; kBetween
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_WORKER_METRICS_H_
