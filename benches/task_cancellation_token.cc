// What does a CancellationToken cost: to look at, to wrap an awaitable with, to make a child of?
//
// Peer: tokio-util (`CancellationToken`).

#include <benches/support/bench.h>

namespace {

constexpr int kRounds = 20'000;

void BM_token_is_cancelled(benchmark::State& state) {
  const weft::CancellationToken token;
  for (auto _ : state) benchmark::DoNotOptimize(token.is_cancelled());
}
WEFT_BENCH(BM_token_is_cancelled);

void BM_token_child_made_and_dropped(benchmark::State& state) {
  const weft::CancellationToken token;
  for (auto _ : state) benchmark::DoNotOptimize(token.child_token());
}
WEFT_BENCH(BM_token_child_made_and_dropped);

void BM_token_cancels_children(benchmark::State& state) {
  const auto children = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    const weft::CancellationToken root;
    std::vector<weft::CancellationToken> tokens;
    for (std::size_t i = 0; i < children; ++i) tokens.push_back(root.child_token());
    state.ResumeTiming();
    root.cancel();
  }
  bench::report_per_operation(state, static_cast<double>(children));
}
WEFT_BENCH(BM_token_cancels_children)->ArgName("children")->Arg(1000);

weft::Task<> run_ready_awaitables(weft::CancellationToken token) {
  for (int i = 0; i < kRounds; ++i) {
    const auto done = co_await token.run_until_cancelled(weft::consume_budget());
    benchmark::DoNotOptimize(done.has_value());
  }
}

void BM_token_run_until_cancelled(benchmark::State& state) {
  const auto rt = bench::make_runtime(1);
  const weft::CancellationToken token;
  for (auto _ : state) bench::run(rt, run_ready_awaitables(token));
  bench::report_per_operation(state, kRounds);
}
WEFT_BENCH(BM_token_run_until_cancelled);

}  // namespace
