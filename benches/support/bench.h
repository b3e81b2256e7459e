// What the benchmarks share: runtimes, and the column "per_op".
//
// A benchmark's iteration is a task that carries out many operations, so that getting into the
// runtime and out of it (two thread hops) disappears among them.

#ifndef WEFT_BENCHES_SUPPORT_BENCH_H_
#define WEFT_BENCHES_SUPPORT_BENCH_H_

#include <atomic>
#include <cstddef>
#include <utility>

#include <benchmark/benchmark.h>
#include <weft/weft.h>

namespace bench {

inline constexpr std::size_t kWorkers = 4;

inline weft::runtime::Runtime make_runtime(std::size_t workers = kWorkers) {
  return weft::runtime::Builder::new_multi_thread()
      .worker_threads(workers)
      .enable_all()
      .build()
      .value();
}

// Runs `task` on a worker and waits for it.
inline void run(const weft::runtime::Runtime& rt, weft::Task<> task) {
  rt.block_on(rt.spawn(std::move(task))).value();
}

// Reports the time of one of the `operations` that each iteration carried out.
inline void report_per_operation(benchmark::State& state, double operations) {
  state.counters["per_op"] = benchmark::Counter(
      operations, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

// Lets one task wait until `count` others, which it does not join, have arrived.
class Countdown {
 public:
  explicit Countdown(std::size_t count) : left_(count) {}

  void arrive() {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) all_arrived_.notify_one();
  }
  weft::Task<> wait() { co_await all_arrived_.notified(); }

 private:
  std::atomic<std::size_t> left_;
  weft::sync::Notify all_arrived_;
};

}  // namespace bench

// Wall time, because the work is done on other threads than the benchmark's. A few tenths of a
// second each: a program has to be done within a few seconds.
#define WEFT_BENCH(...) BENCHMARK(__VA_ARGS__)->UseRealTime()->MinTime(0.3)

#endif  // WEFT_BENCHES_SUPPORT_BENCH_H_
