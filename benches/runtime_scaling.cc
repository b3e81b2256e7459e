// What do more workers bring, and what do they cost where there are fewer processors than workers?
//
// Spawned tasks, yields and a channel on 1, 2 and 4 workers, on all processors (`cpus:0`), on two
// and on one. On one processor four workers should take no more than one worker does. An echo
// server: net_scaling.cc. Beside other runtimes: docs/benchmarks.md.

#include <vector>

#include <benches/support/bench.h>
#include <benches/support/processors.h>

namespace {

namespace mpsc = weft::sync::mpsc;

constexpr std::size_t kTasks = 100'000;
constexpr int kYielding = 200;
constexpr int kYields = 500;
constexpr int kProducers = 4;
constexpr int kValues = 100'000;  // of all producers together

weft::Task<> arrive(bench::Countdown& countdown) {
  countdown.arrive();
  co_return;
}

weft::Task<> spawn_all() {
  bench::Countdown countdown(kTasks);
  for (std::size_t i = 0; i < kTasks; ++i) weft::spawn(arrive(countdown));
  co_await countdown.wait();
}

weft::Task<> yield_often() {
  for (int i = 0; i < kYields; ++i) co_await weft::yield_now();
}

weft::Task<> yield_in_tasks() {
  std::vector<weft::JoinHandle<void>> handles;
  for (int i = 0; i < kYielding; ++i) handles.push_back(weft::spawn(yield_often()));
  for (auto& handle : handles) {
    const auto joined = co_await handle;
    joined.value();
  }
}

weft::Task<> produce(mpsc::Sender<int> sender, int count) {
  for (int i = 0; i < count; ++i) {
    const auto sent = co_await sender.send(i);
    if (!sent) co_return;
  }
}

weft::Task<> run_channel() {
  auto [sender, receiver] = mpsc::channel<int>(1024);
  for (int i = 0; i < kProducers; ++i) weft::spawn(produce(sender, kValues / kProducers));
  {
    const auto ours = std::move(sender);
  }  // the channel ends with the producers
  long sum = 0;
  for (;;) {
    const auto value = co_await receiver.recv();
    if (!value) break;
    sum += *value;
  }
  benchmark::DoNotOptimize(sum);
}

template <weft::Task<> (*kBody)()>
void run_on(benchmark::State& state, double operations) {
  const bench::OnProcessors pinned(static_cast<int>(state.range(1)));
  const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) bench::run(rt, kBody());
  bench::report_per_operation(state, operations);
}

void BM_scaling_spawn(benchmark::State& state) { run_on<spawn_all>(state, kTasks); }
void BM_scaling_yield(benchmark::State& state) {
  run_on<yield_in_tasks>(state, kYielding * kYields);
}
void BM_scaling_channel(benchmark::State& state) { run_on<run_channel>(state, kValues); }

void on_all_machines(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"workers", "cpus"})->ArgsProduct({{1, 2, 4}, {0, 2, 1}});
}
WEFT_BENCH(BM_scaling_spawn)->Apply(on_all_machines);
WEFT_BENCH(BM_scaling_yield)->Apply(on_all_machines);
WEFT_BENCH(BM_scaling_channel)->Apply(on_all_machines);

}  // namespace
