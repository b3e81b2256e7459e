// Interface: histogram.h.

#include "histogram.h"

static unsigned bucket_of(uint64_t value) {
  if (value < kSubBuckets) return (unsigned)value;
  // The value has `shift` bits more than fit into a sub-bucket's number, whose leading bit is set.
  const unsigned shift = 63U - (unsigned)__builtin_clzll(value) - kSubBits;
  return (shift + 1) * kSubBuckets + (unsigned)(value >> shift) - kSubBuckets;
}

// The largest value that falls into it.
static uint64_t end_of(unsigned bucket) {
  if (bucket < kSubBuckets) return bucket;
  const unsigned shift = bucket / kSubBuckets - 1;
  const uint64_t leading = bucket % kSubBuckets + kSubBuckets;
  return ((leading + 1) << shift) - 1;
}

void histogram_add(struct histogram* histogram, uint64_t nanoseconds) {
  ++histogram->count;
  ++histogram->buckets[bucket_of(nanoseconds)];
  if (nanoseconds > histogram->largest) histogram->largest = nanoseconds;
}

uint64_t histogram_quantile(const struct histogram* histogram, double share) {
  const uint64_t wanted = (uint64_t)(share * (double)histogram->count);
  uint64_t seen = 0;
  for (unsigned bucket = 0; bucket < kBuckets; ++bucket) {
    seen += histogram->buckets[bucket];
    if (seen > wanted) {
      const uint64_t end = end_of(bucket);
      return end < histogram->largest ? end : histogram->largest;
    }
  }
  return histogram->largest;
}
