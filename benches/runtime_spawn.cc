// What does it cost to spawn a task that nobody joins, and to have it run?
//
// Peers: tokio (`tokio::spawn`, multi-thread with 4 workers), Go (`go f()`).

#include <benches/support/bench.h>

namespace {

constexpr std::size_t kTasks = 100'000;

weft::Task<> arrive(bench::Countdown& countdown) {
  countdown.arrive();
  co_return;
}

weft::Task<> spawn_all() {
  bench::Countdown countdown(kTasks);
  for (std::size_t i = 0; i < kTasks; ++i) weft::spawn(arrive(countdown));
  co_await countdown.wait();
}

void BM_spawn_from_worker(benchmark::State& state) {
  const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) bench::run(rt, spawn_all());
  bench::report_per_operation(state, kTasks);
}
WEFT_BENCH(BM_spawn_from_worker)->ArgName("workers")->Arg(1)->Arg(4);

void BM_spawn_from_outside(benchmark::State& state) {
  const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    bench::Countdown countdown(kTasks);
    for (std::size_t i = 0; i < kTasks; ++i) rt.spawn(arrive(countdown));
    rt.block_on(countdown.wait());
  }
  bench::report_per_operation(state, kTasks);
}
WEFT_BENCH(BM_spawn_from_outside)->ArgName("workers")->Arg(1)->Arg(4);

}  // namespace
