// LatencyHistogram: how long requests took, in buckets that grow with the duration.
//
// Each power of two is divided into 16 buckets, so a percentile is off by at most 6 %, recording
// costs a few instructions, and the whole has a fixed size whatever is recorded.

#ifndef WEFT_EXAMPLES_DEMO_LATENCY_HISTOGRAM_H_
#define WEFT_EXAMPLES_DEMO_LATENCY_HISTOGRAM_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace demo {

class LatencyHistogram {
 public:
  void record(std::chrono::nanoseconds latency);
  void add(const LatencyHistogram& other);

  std::uint64_t count() const { return count_; }
  // The latency that `fraction` (0..1) of all requests did not exceed.
  std::chrono::nanoseconds percentile(double fraction) const;
  // How many requests took at least `from` and less than `to`, as exactly as the buckets can tell.
  std::uint64_t count_between(std::chrono::nanoseconds from, std::chrono::nanoseconds to) const;

 private:
  static constexpr std::size_t kSubBuckets = 16;
  static constexpr std::size_t kBuckets = 40 * kSubBuckets;  // up to 2^40 ns, 18 minutes

  static std::size_t bucket_of(std::uint64_t nanoseconds);
  static std::uint64_t upper_end_of(std::size_t bucket);

  std::array<std::uint32_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
};

}  // namespace demo

#endif  // WEFT_EXAMPLES_DEMO_LATENCY_HISTOGRAM_H_
