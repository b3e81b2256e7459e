// How long requests took. Interface: latency_histogram.h.
//
// A duration below 16 ns has a bucket of its own. Above, with its highest bit at position p >= 4,
// the four bits below that one choose among the 16 buckets of its power of two.

#include <examples/demo/latency_histogram.h>

#include <algorithm>
#include <bit>

namespace demo {

std::size_t LatencyHistogram::bucket_of(std::uint64_t nanoseconds) {
  if (nanoseconds < kSubBuckets) return nanoseconds;
  const unsigned shift = static_cast<unsigned>(std::bit_width(nanoseconds)) - 5;
  const std::size_t bucket = (shift + 1) * kSubBuckets + ((nanoseconds >> shift) - kSubBuckets);
  return std::min(bucket, kBuckets - 1);
}

std::uint64_t LatencyHistogram::upper_end_of(std::size_t bucket) {
  if (bucket < kSubBuckets) return bucket + 1;
  const std::size_t shift = bucket / kSubBuckets - 1;
  return (bucket % kSubBuckets + kSubBuckets + 1) << shift;
}

void LatencyHistogram::record(std::chrono::nanoseconds latency) {
  ++buckets_[bucket_of(static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0)))];
  ++count_;
}

void LatencyHistogram::add(const LatencyHistogram& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
}

std::chrono::nanoseconds LatencyHistogram::percentile(double fraction) const {
  const auto wanted = static_cast<std::uint64_t>(fraction * static_cast<double>(count_));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen > wanted || (seen == count_ && seen > 0)) {
      return std::chrono::nanoseconds(static_cast<std::int64_t>(upper_end_of(i)));
    }
  }
  return std::chrono::nanoseconds::zero();
}

std::uint64_t LatencyHistogram::count_between(std::chrono::nanoseconds from,
                                              std::chrono::nanoseconds to) const {
  const std::size_t begin = bucket_of(static_cast<std::uint64_t>(from.count()));
  const std::size_t end = bucket_of(static_cast<std::uint64_t>(to.count()));
  std::uint64_t sum = 0;
  for (std::size_t i = begin; i < end; ++i) sum += buckets_[i];
  return sum;
}

}  // namespace demo
