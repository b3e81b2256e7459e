// What does a link cost in a chain of tasks, each of which spawns the next?
//
// Peers: tokio (`chained_spawn` of its own benchmarks, 1000 deep), Go.

#include <benches/support/bench.h>

namespace {

constexpr int kDepth = 1000;
constexpr int kChains = 20;

weft::Task<> link(int depth, weft::sync::Notify& end) {
  if (depth == 0) {
    end.notify_one();
  } else {
    weft::spawn(link(depth - 1, end));
  }
  co_return;
}

weft::Task<> run_chains() {
  weft::sync::Notify end;
  for (int i = 0; i < kChains; ++i) {
    weft::spawn(link(kDepth, end));
    co_await end.notified();
  }
}

void BM_chained_spawn(benchmark::State& state) {
  const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) bench::run(rt, run_chains());
  bench::report_per_operation(state, kDepth * kChains);
}
WEFT_BENCH(BM_chained_spawn)->ArgName("workers")->Arg(1)->Arg(4);

}  // namespace
