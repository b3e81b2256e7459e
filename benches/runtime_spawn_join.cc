// What does it cost to spawn a task and to await it, one after the other?
//
// Peers: tokio (`tokio::spawn(..).await`), concurrencpp. Through block_on it takes two thread hops.

#include <benches/support/bench.h>

namespace {

constexpr int kTasks = 20'000;

weft::Task<int> number(int value) { co_return value; }

weft::Task<> spawn_and_join() {
  int sum = 0;
  for (int i = 0; i < kTasks; ++i) {
    const auto joined = co_await weft::spawn(number(i));
    sum += *joined;
  }
  benchmark::DoNotOptimize(sum);
}

void BM_spawn_join_in_worker(benchmark::State& state) {
  const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) bench::run(rt, spawn_and_join());
  bench::report_per_operation(state, kTasks);
}
WEFT_BENCH(BM_spawn_join_in_worker)->ArgName("workers")->Arg(1)->Arg(4);

void BM_spawn_join_through_block_on(benchmark::State& state) {
  const auto rt = bench::make_runtime();
  for (auto _ : state) benchmark::DoNotOptimize(rt.block_on(rt.spawn(number(1))));
  bench::report_per_operation(state, 1);
}
WEFT_BENCH(BM_spawn_join_through_block_on);

}  // namespace
