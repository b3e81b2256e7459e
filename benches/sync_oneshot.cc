// What does a oneshot cost: within one task, and as a way to and fro between two?
//
// Peers: tokio (`oneshot`; ping_pong of its own benchmarks), Go (a channel of capacity 1).

#include <utility>

#include <benches/support/bench.h>

namespace {

namespace oneshot = weft::sync::oneshot;

constexpr int kRounds = 20'000;

weft::Task<> create_send_receive() {
  int sum = 0;
  for (int i = 0; i < kRounds; ++i) {
    auto [sender, receiver] = oneshot::channel<int>();
    [[maybe_unused]] const auto sent = sender.send(i);
    const auto received = co_await receiver;
    sum += *received;
  }
  benchmark::DoNotOptimize(sum);
}

weft::Task<> pong(oneshot::Receiver<int> ping, oneshot::Sender<int> reply) {
  const auto received = co_await ping;
  [[maybe_unused]] const auto sent = reply.send(*received);
}

// A pair: a task that waits for the ping and answers, spawned for it.
weft::Task<> ping_pong() {
  for (int i = 0; i < kRounds; ++i) {
    auto [ping, ping_receiver] = oneshot::channel<int>();
    auto [reply, reply_receiver] = oneshot::channel<int>();
    weft::spawn(pong(std::move(ping_receiver), std::move(reply)));
    [[maybe_unused]] const auto sent = ping.send(i);
    const auto answer = co_await reply_receiver;
    benchmark::DoNotOptimize(*answer);
  }
}

void BM_oneshot_same_task(benchmark::State& state) {
  const auto rt = bench::make_runtime(1);
  for (auto _ : state) bench::run(rt, create_send_receive());
  bench::report_per_operation(state, kRounds);
}
WEFT_BENCH(BM_oneshot_same_task);

void BM_oneshot_ping_pong(benchmark::State& state) {
  const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) bench::run(rt, ping_pong());
  bench::report_per_operation(state, kRounds);
}
WEFT_BENCH(BM_oneshot_ping_pong)->ArgName("workers")->Arg(1)->Arg(4);

}  // namespace
