// WeightedMean: the mean of many measurements, of which newer ones count for more.
//
// Spec.
//
// Each measurement counts for a tenth, and what was before for the rest. Measurements usually come
// as the mean of n; that moves this mean as far as n equal ones would.

#ifndef WEFT_RUNTIME_SCHEDULER_WEIGHTED_MEAN_H_
#define WEFT_RUNTIME_SCHEDULER_WEIGHTED_MEAN_H_

#include <cmath>
#include <cstdint>

namespace weft::internal {

class WeightedMean {
 public:
  explicit WeightedMean(double initial) noexcept : value_(initial) {}

  double value() const noexcept { return value_; }

  // `count` measurements, whose mean is `mean`.
  void record(double mean, std::uint64_t count) noexcept {
    constexpr double kWeight = 0.1;
    const double weight = 1.0 - std::pow(1.0 - kWeight, static_cast<double>(count));
    value_ = weight * mean + (1.0 - weight) * value_;
  }

 private:
  double value_;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_WEIGHTED_MEAN_H_
