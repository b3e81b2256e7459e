// Counter: a number that one thread writes and any thread reads.
//
// Spec: R-146.
//
// Counting is a load, an addition and a store, all relaxed, which are the instructions that a plain
// variable takes (on x86 a single one). So there is nothing to gain from counting privately and
// publishing now and then, and something to lose: readers would see old numbers.

#ifndef WEFT_RUNTIME_SCHEDULER_COUNTER_H_
#define WEFT_RUNTIME_SCHEDULER_COUNTER_H_

#include <cstdint>

#include <weft/loom/atomic.h>

namespace weft::internal {

// Written by one thread at a time, each of which has seen what the one before it did; read by all.
using Counter = loom::Atomic<std::uint64_t>;

// relaxed, in all of them: one writer; readers want a recent value, not an ordered one.
inline std::uint64_t value_of(const Counter& counter) noexcept {
  return counter.load(std::memory_order_relaxed);
}
inline void set(Counter& counter, std::uint64_t value) noexcept {
  counter.store(value, std::memory_order_relaxed);
}
inline void add(Counter& counter, std::uint64_t n = 1) noexcept {
  set(counter, value_of(counter) + n);
}

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_COUNTER_H_
