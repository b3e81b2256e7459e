// What does it cost to build a runtime, with its threads and drivers, and to shut it down?
//
// Peer: tokio (multi-thread with 4 workers; 276 us).

#include <benches/support/bench.h>

namespace {

void BM_runtime_start_stop(benchmark::State& state) {
  for (auto _ : state) {
    const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
    benchmark::DoNotOptimize(&rt);
  }
  bench::report_per_operation(state, 1);
}
WEFT_BENCH(BM_runtime_start_stop)->ArgName("workers")->Arg(1)->Arg(4);

void BM_runtime_start_stop_current_thread(benchmark::State& state) {
  for (auto _ : state) {
    const auto rt = weft::runtime::Builder::new_current_thread().enable_all().build().value();
    benchmark::DoNotOptimize(&rt);
  }
  bench::report_per_operation(state, 1);
}
WEFT_BENCH(BM_runtime_start_stop_current_thread);

}  // namespace
