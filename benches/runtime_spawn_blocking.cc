// How long does a task wait for a blocking job that does nothing: for one, and for one of 16 at
// once?
//
// Peer: tokio (`spawn_blocking`; 30 us, in batches of 16 6.4 us each).

#include <vector>

#include <benches/support/bench.h>

namespace {

constexpr int kJobs = 512;

weft::Task<> run_jobs(int at_once) {
  std::vector<weft::JoinHandle<int>> handles;
  for (int done = 0; done < kJobs; done += at_once) {
    handles.clear();
    for (int i = 0; i < at_once; ++i) handles.push_back(weft::spawn_blocking([] { return 1; }));
    for (auto& handle : handles) {
      const auto joined = co_await handle;
      benchmark::DoNotOptimize(*joined);
    }
  }
}

void BM_spawn_blocking(benchmark::State& state) {
  const auto rt = bench::make_runtime();
  for (auto _ : state) bench::run(rt, run_jobs(static_cast<int>(state.range(0))));
  bench::report_per_operation(state, kJobs);
}
WEFT_BENCH(BM_spawn_blocking)->ArgName("at_once")->Arg(1)->Arg(16);

}  // namespace
