// Histogram: how often durations of each size were measured, by one thread for all to read.
//
// Spec.

#ifndef WEFT_RUNTIME_SCHEDULER_HISTOGRAM_H_
#define WEFT_RUNTIME_SCHEDULER_HISTOGRAM_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include <weft/loom/atomic.h>
#include <weft/runtime/metrics/histogram_configuration.h>
#include <weft/runtime/scheduler/counter.h>

namespace weft::internal {

class Histogram {
 public:
  explicit Histogram(const runtime::HistogramConfiguration& configuration)
      : configuration_(configuration), counts_(new Counter[configuration.num_buckets()]) {}

  // Null if there is no configuration.
  static std::unique_ptr<Histogram> make(
      const std::optional<runtime::HistogramConfiguration>& configuration) {
    return configuration.has_value() ? std::make_unique<Histogram>(*configuration) : nullptr;
  }

  // One thread at a time. What is below zero counts as zero.
  void record(std::chrono::nanoseconds duration) noexcept {
    duration = std::max(duration, std::chrono::nanoseconds::zero());
    add(counts_[configuration_.bucket_of(duration)]);
    add(sum_, static_cast<std::uint64_t>(duration.count()));
  }

  // Any thread. `bucket` is below the number of buckets.
  std::uint64_t count(std::size_t bucket) const noexcept { return value_of(counts_[bucket]); }
  std::chrono::nanoseconds sum() const noexcept { return std::chrono::nanoseconds(value_of(sum_)); }

 private:
  const runtime::HistogramConfiguration configuration_;
  const std::unique_ptr<Counter[]> counts_;
  Counter sum_{0};  // of all durations, in nanoseconds
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_HISTOGRAM_H_
