// What does a yield cost among many tasks that do nothing else?
//
// Peers: tokio (`yield_now`, 200 tasks x 1000, 4 workers), TooManyCooks.

#include <vector>

#include <benches/support/bench.h>

namespace {

constexpr int kTasks = 200;
constexpr int kYields = 1000;

weft::Task<> yield_often() {
  for (int i = 0; i < kYields; ++i) co_await weft::yield_now();
}

weft::Task<> run_tasks() {
  std::vector<weft::JoinHandle<void>> handles;
  for (int i = 0; i < kTasks; ++i) handles.push_back(weft::spawn(yield_often()));
  for (auto& handle : handles) {
    const auto joined = co_await handle;
    benchmark::DoNotOptimize(joined.has_value());
  }
}

void BM_yield_200_tasks(benchmark::State& state) {
  const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) bench::run(rt, run_tasks());
  bench::report_per_operation(state, kTasks * kYields);
}
WEFT_BENCH(BM_yield_200_tasks)->ArgName("workers")->Arg(1)->Arg(4);

}  // namespace
