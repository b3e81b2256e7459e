#include <weft/runtime/metrics.h>

#include <algorithm>

#include <weft/base/check.h>

namespace weft::runtime {
namespace {

using internal::value_of;
using std::chrono::nanoseconds;
using Configuration = std::optional<HistogramConfiguration>;

std::size_t bucket_count_of(const Configuration& histogram) noexcept {
  return histogram.has_value() ? histogram->num_buckets() : 0;
}

void check_bucket(const Configuration& histogram, std::size_t bucket, std::source_location where) {
  WEFT_CHECK(bucket < bucket_count_of(histogram),
             "RuntimeMetrics: the histogram has no bucket with this number, or was not enabled by "
             "the Builder",
             where);
}

HistogramRange range_of_bucket(const Configuration& histogram, std::size_t bucket,
                               std::source_location where) {
  check_bucket(histogram, bucket, where);
  return histogram->range_of(bucket, where);
}

nanoseconds sum_of(const internal::Histogram* histogram) noexcept {
  return histogram != nullptr ? histogram->sum() : nanoseconds::zero();
}

}  // namespace

// --- The runtime

std::optional<std::string> RuntimeMetrics::name() const {
  const std::string& name = scheduler_->config().name;
  return name.empty() ? std::nullopt : std::optional(name);
}

std::size_t RuntimeMetrics::num_blocking_threads() const noexcept {
  const std::size_t threads = scheduler_->blocking().num_threads();
  const internal::RuntimeConfig& config = scheduler_->config();
  const bool multi = config.flavor == RuntimeFlavor::kMultiThread;
  // While the runtime stops there are fewer threads than there were workers. Attached threads are
  // none of the pool's.
  return threads - std::min<std::size_t>(threads, multi ? config.workers : 0);
}

std::size_t RuntimeMetrics::num_idle_blocking_threads() const noexcept {
  return scheduler_->blocking().num_idle();
}

std::size_t RuntimeMetrics::blocking_queue_depth() const noexcept {
  return scheduler_->blocking().queue_depth();
}

std::uint64_t RuntimeMetrics::io_driver_fd_registered_count() const noexcept {
  return scheduler_->driver().io().registered();
}

std::uint64_t RuntimeMetrics::io_driver_fd_deregistered_count() const noexcept {
  return scheduler_->driver().io().deregistered();
}

std::uint64_t RuntimeMetrics::io_driver_ready_count() const noexcept {
  return scheduler_->driver().io().ready_events();
}

// --- Workers

const internal::WorkerMetrics& RuntimeMetrics::worker(std::size_t index, Where where) const {
  WEFT_CHECK(index < num_workers(), "RuntimeMetrics: there is no worker with this number", where);
  return scheduler_->worker_metrics(static_cast<unsigned>(index));
}

std::optional<::pthread_t> RuntimeMetrics::worker_thread_id(std::size_t index, Where where) const {
  const std::uint64_t holder = value_of(worker(index, where).holder);
  if (holder == 0) return std::nullopt;
  return static_cast<::pthread_t>(holder);
}

std::uint64_t RuntimeMetrics::worker_park_count(std::size_t index, Where where) const {
  return (worker_park_unpark_count(index, where) + 1) / 2;
}

std::uint64_t RuntimeMetrics::worker_park_unpark_count(std::size_t index, Where where) const {
  return value_of(worker(index, where).park_unpark_count);
}

std::uint64_t RuntimeMetrics::worker_noop_count(std::size_t index, Where where) const {
  return value_of(worker(index, where).noops);
}

nanoseconds RuntimeMetrics::worker_total_busy_duration(std::size_t index, Where where) const {
  return nanoseconds(value_of(worker(index, where).busy_nanoseconds));
}

std::uint64_t RuntimeMetrics::worker_poll_count(std::size_t index, Where where) const {
  return value_of(worker(index, where).polls);
}

nanoseconds RuntimeMetrics::worker_mean_poll_time(std::size_t index, Where where) const {
  return nanoseconds(value_of(worker(index, where).mean_poll_nanoseconds));
}

std::uint64_t RuntimeMetrics::worker_local_queue_depth(std::size_t index, Where where) const {
  static_cast<void>(worker(index, where));
  return scheduler_->local_queue_depth(static_cast<unsigned>(index));
}

std::uint64_t RuntimeMetrics::worker_local_schedule_count(std::size_t index, Where where) const {
  const internal::WorkerMetrics& metrics = worker(index, where);
  return value_of(metrics.spawned) + value_of(metrics.woken);
}

std::uint64_t RuntimeMetrics::worker_spawn_count(std::size_t index, Where where) const {
  return value_of(worker(index, where).spawned);
}

std::uint64_t RuntimeMetrics::worker_overflow_count(std::size_t index, Where where) const {
  return value_of(worker(index, where).overflows);
}

std::uint64_t RuntimeMetrics::worker_steal_count(std::size_t index, Where where) const {
  return value_of(worker(index, where).steals);
}

std::uint64_t RuntimeMetrics::worker_steal_operations(std::size_t index, Where where) const {
  return value_of(worker(index, where).steal_operations);
}

// --- Histograms

bool RuntimeMetrics::poll_time_histogram_enabled() const noexcept {
  return scheduler_->config().poll_time_histogram.has_value();
}

std::size_t RuntimeMetrics::poll_time_histogram_num_buckets() const noexcept {
  return bucket_count_of(scheduler_->config().poll_time_histogram);
}

HistogramRange RuntimeMetrics::poll_time_histogram_bucket_range(std::size_t bucket,
                                                                Where where) const {
  return range_of_bucket(scheduler_->config().poll_time_histogram, bucket, where);
}

std::uint64_t RuntimeMetrics::poll_time_histogram_bucket_count(std::size_t index,
                                                               std::size_t bucket,
                                                               Where where) const {
  check_bucket(scheduler_->config().poll_time_histogram, bucket, where);
  return worker(index, where).poll_times->count(bucket);
}

nanoseconds RuntimeMetrics::poll_time_histogram_sum(std::size_t index, Where where) const {
  return sum_of(worker(index, where).poll_times.get());
}

bool RuntimeMetrics::schedule_latency_histogram_enabled() const noexcept {
  return scheduler_->config().schedule_latency_histogram.has_value();
}

std::size_t RuntimeMetrics::schedule_latency_histogram_num_buckets() const noexcept {
  return bucket_count_of(scheduler_->config().schedule_latency_histogram);
}

HistogramRange RuntimeMetrics::schedule_latency_histogram_bucket_range(std::size_t bucket,
                                                                       Where where) const {
  return range_of_bucket(scheduler_->config().schedule_latency_histogram, bucket, where);
}

std::uint64_t RuntimeMetrics::schedule_latency_histogram_bucket_count(std::size_t index,
                                                                      std::size_t bucket,
                                                                      Where where) const {
  check_bucket(scheduler_->config().schedule_latency_histogram, bucket, where);
  return worker(index, where).schedule_latencies->count(bucket);
}

nanoseconds RuntimeMetrics::schedule_latency_histogram_sum(std::size_t index, Where where) const {
  return sum_of(worker(index, where).schedule_latencies.get());
}

}  // namespace weft::runtime
