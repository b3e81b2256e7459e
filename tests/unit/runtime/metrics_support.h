// What the tests of a runtime's numbers have in common.

#ifndef WEFT_TESTS_UNIT_RUNTIME_METRICS_SUPPORT_H_
#define WEFT_TESTS_UNIT_RUNTIME_METRICS_SUPPORT_H_

#include <chrono>
#include <cstdint>
#include <source_location>

#include <weft/runtime/runtime.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>

namespace weft::runtime {

inline Task<> nothing() { co_return; }
inline Task<> yield_times(int times) {
  for (int i = 0; i < times; ++i) co_await yield_now();
}

// Of all workers.
using WorkerNumber = std::uint64_t (RuntimeMetrics::*)(std::size_t, std::source_location) const;
inline std::uint64_t sum(const RuntimeMetrics& metrics, WorkerNumber number) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < metrics.num_workers(); ++i) {
    total += (metrics.*number)(i, std::source_location::current());
  }
  return total;
}

// One worker that makes its turns of the driver only when it has nothing else to do.
inline Builder undisturbed_worker() {
  return Builder::new_multi_thread().worker_threads(1).event_interval(1'000'000'000);
}

// Keeps its worker for that long.
inline void spin_for(std::chrono::nanoseconds duration) {
  const auto end = std::chrono::steady_clock::now() + duration;
  while (std::chrono::steady_clock::now() < end) {
  }
}
inline Task<> spin(std::chrono::nanoseconds duration) {
  spin_for(duration);
  co_return;
}

}  // namespace weft::runtime

#endif  // WEFT_TESTS_UNIT_RUNTIME_METRICS_SUPPORT_H_
