// What does a round trip cost between two tasks that notify each other?
//
// Peer: tokio (`Notify`; 248 ns).

#include <benches/support/bench.h>

namespace {

constexpr int kRounds = 20'000;

weft::Task<> answer(weft::sync::Notify& ping, weft::sync::Notify& pong) {
  for (int i = 0; i < kRounds; ++i) {
    co_await ping.notified();
    pong.notify_one();
  }
}

weft::Task<> ask() {
  weft::sync::Notify ping;
  weft::sync::Notify pong;
  auto other = weft::spawn(answer(ping, pong));
  for (int i = 0; i < kRounds; ++i) {
    ping.notify_one();
    co_await pong.notified();
  }
  const auto joined = co_await other;
  benchmark::DoNotOptimize(joined.has_value());
}

void BM_notify_ping_pong(benchmark::State& state) {
  const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) bench::run(rt, ask());
  bench::report_per_operation(state, kRounds);
}
WEFT_BENCH(BM_notify_ping_pong)->ArgName("workers")->Arg(1)->Arg(4);

}  // namespace
