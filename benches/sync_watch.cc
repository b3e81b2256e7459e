// What do storing and looking at the value of a watch cost, and how long does it take a receiver to
// be told?
//
// Peers: tokio (`watch`; send 155 ns, borrow 10.6 ns), Go (a mutex and a channel; 198, 36 ns).

#include <utility>

#include <benches/support/bench.h>
#include <benches/support/tasks.h>

namespace {

namespace watch = weft::sync::watch;

constexpr int kValues = 100'000;
constexpr int kRounds = 20'000;

weft::Task<> send_often(watch::Sender<int> sender) {
  for (int i = 0; i < kValues; ++i) benchmark::DoNotOptimize(sender.send(i).has_value());
  co_return;
}

weft::Task<> borrow_often(watch::Receiver<int> receiver, int times) {
  long sum = 0;
  for (int i = 0; i < times; ++i) sum += *receiver.borrow();
  benchmark::DoNotOptimize(sum);
  co_return;
}

weft::Task<> run_send() {
  auto [sender, receiver] = watch::channel(0);
  co_await send_often(std::move(sender));
}

weft::Task<> run_borrow(int tasks) {
  auto [sender, receiver] = watch::channel(0);
  co_await bench::join_tasks(
      tasks, [&receiver, tasks](int) { return borrow_often(receiver, kValues / tasks); });
}

// Each answers what the other has stored.
weft::Task<> answer(watch::Receiver<int> asked, watch::Sender<int> answered) {
  for (int i = 0; i < kRounds; ++i) {
    const auto changed = co_await asked.changed();
    if (!changed) co_return;
    answered.send_replace(i);
  }
}

weft::Task<> ask() {
  auto [ask_tx, ask_rx] = watch::channel(0);
  auto [answer_tx, answer_rx] = watch::channel(0);
  auto other = weft::spawn(answer(std::move(ask_rx), std::move(answer_tx)));
  for (int i = 0; i < kRounds; ++i) {
    ask_tx.send_replace(i);
    const auto changed = co_await answer_rx.changed();
    if (!changed) co_return;
  }
  const auto joined = co_await other;
  benchmark::DoNotOptimize(joined.has_value());
}

void BM_watch_send(benchmark::State& state) {
  const auto rt = bench::make_runtime();
  for (auto _ : state) bench::run(rt, run_send());
  bench::report_per_operation(state, kValues);
}
WEFT_BENCH(BM_watch_send);

void BM_watch_borrow(benchmark::State& state) {
  const auto rt = bench::make_runtime();
  for (auto _ : state) bench::run(rt, run_borrow(static_cast<int>(state.range(0))));
  bench::report_per_operation(state, kValues);
}
WEFT_BENCH(BM_watch_borrow)->ArgName("tasks")->Arg(1)->Arg(4);

void BM_watch_ping_pong(benchmark::State& state) {
  const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) bench::run(rt, ask());
  bench::report_per_operation(state, kRounds);
}
WEFT_BENCH(BM_watch_ping_pong)->ArgName("workers")->Arg(1)->Arg(4);

}  // namespace
