// A histogram of durations: constant memory, an error of at most 1.6 %, whatever the range.
//
// As HdrHistogram does it: a duration falls into the bucket of its leading bits. Below 64 ns each
// nanosecond has its own; above, each power of two is divided into 64.

#ifndef WEFT_BENCHES_PEERS_LOAD_HISTOGRAM_H_
#define WEFT_BENCHES_PEERS_LOAD_HISTOGRAM_H_

#include <stdint.h>

enum { kSubBits = 6, kSubBuckets = 1 << kSubBits, kBuckets = kSubBuckets * (64 - kSubBits) };

struct histogram {
  uint64_t count;
  uint64_t largest;
  uint64_t buckets[kBuckets];
};

void histogram_add(struct histogram* histogram, uint64_t nanoseconds);

// The duration that `share` (0 to 1) of all do not exceed.
uint64_t histogram_quantile(const struct histogram* histogram, double share);

#endif  // WEFT_BENCHES_PEERS_LOAD_HISTOGRAM_H_
