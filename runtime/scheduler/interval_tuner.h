// IntervalTuner: how often a worker looks at the injection queue before its own.
//
// Spec.
//
// About every 200 us of work: often enough for those who wait there, rarely enough that its lock
// does not show. How many resumes that is depends on how long they take on average. The number
// changes only when it moves by more than 2.

#ifndef WEFT_RUNTIME_SCHEDULER_INTERVAL_TUNER_H_
#define WEFT_RUNTIME_SCHEDULER_INTERVAL_TUNER_H_

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include <weft/runtime/scheduler/weighted_mean.h>

namespace weft::internal {

class IntervalTuner {
 public:
  // `fixed`: never changes.
  explicit IntervalTuner(std::optional<std::uint32_t> fixed) noexcept
      : is_fixed_(fixed.has_value()), interval_(fixed.value_or(kInitial)) {}

  std::uint32_t interval() const noexcept { return interval_; }

  // `resumes` tasks were run in `elapsed`.
  void record(std::chrono::nanoseconds elapsed, std::uint32_t resumes) noexcept {
    if (is_fixed_ || resumes == 0) return;
    mean_.record(static_cast<double>(elapsed.count()) / resumes, resumes);
    const double wanted = std::clamp(kTarget / std::max(mean_.value(), 1.0), 2.0, 127.0);
    const auto next = static_cast<std::uint32_t>(wanted);
    const std::uint32_t difference = next > interval_ ? next - interval_ : interval_ - next;
    if (difference > 2) interval_ = next;
  }

 private:
  static constexpr std::uint32_t kInitial = 61;
  static constexpr double kTarget = 200'000.0;  // nanoseconds

  bool is_fixed_;
  std::uint32_t interval_;
  WeightedMean mean_{kTarget / kInitial};  // nanoseconds per resume
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_INTERVAL_TUNER_H_
