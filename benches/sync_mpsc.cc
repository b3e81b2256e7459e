// What does a value cost on its way through a channel, from one or several producers to one
// consumer?
//
// Peers: tokio (`mpsc`, capacity 1024: 100 / 110 ns, unbounded: 59 / 283 ns), Go (38 / 43 ns).

#include <utility>

#include <benches/support/bench.h>

namespace {

namespace mpsc = weft::sync::mpsc;

constexpr int kValues = 100'000;  // of all producers together
constexpr std::size_t kCapacity = 1024;

weft::Task<> produce(mpsc::Sender<int> sender, int count) {
  for (int i = 0; i < count; ++i) {
    const auto sent = co_await sender.send(i);
    if (!sent) co_return;
  }
}

weft::Task<> produce_unbounded(mpsc::UnboundedSender<int> sender, int count) {
  for (int i = 0; i < count; ++i) {
    if (!sender.send(i)) co_return;
  }
  co_return;
}

template <class Receiver>
weft::Task<> consume(Receiver receiver) {
  long sum = 0;
  for (;;) {
    const auto value = co_await receiver.recv();
    if (!value) break;
    sum += *value;
  }
  benchmark::DoNotOptimize(sum);
}

weft::Task<> run_bounded(int producers) {
  auto [sender, receiver] = mpsc::channel<int>(kCapacity);
  for (int i = 0; i < producers; ++i) weft::spawn(produce(sender, kValues / producers));
  {
    const auto ours = std::move(sender);
  }  // the channel ends with the producers
  co_await consume(std::move(receiver));
}

weft::Task<> run_unbounded(int producers) {
  auto [sender, receiver] = mpsc::unbounded_channel<int>();
  for (int i = 0; i < producers; ++i) weft::spawn(produce_unbounded(sender, kValues / producers));
  {
    const auto ours = std::move(sender);
  }
  co_await consume(std::move(receiver));
}

void BM_mpsc_bounded(benchmark::State& state) {
  const auto rt = bench::make_runtime();
  for (auto _ : state) bench::run(rt, run_bounded(static_cast<int>(state.range(0))));
  bench::report_per_operation(state, kValues);
}
WEFT_BENCH(BM_mpsc_bounded)->ArgName("producers")->Arg(1)->Arg(4)->Arg(8);

void BM_mpsc_unbounded(benchmark::State& state) {
  const auto rt = bench::make_runtime();
  for (auto _ : state) bench::run(rt, run_unbounded(static_cast<int>(state.range(0))));
  bench::report_per_operation(state, kValues);
}
WEFT_BENCH(BM_mpsc_unbounded)->ArgName("producers")->Arg(1)->Arg(4)->Arg(8);

}  // namespace
