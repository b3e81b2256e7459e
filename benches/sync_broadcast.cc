// What does a message cost that goes to one or to eight receivers?
//
// Peers: tokio (`broadcast`, 1 to 8, sent in batches: 314 ns a message), Go (a channel for each
// receiver; 623 ns).

#include <cstdint>
#include <utility>
#include <vector>

#include <benches/support/bench.h>
#include <benches/support/tasks.h>

namespace {

namespace broadcast = weft::sync::broadcast;

constexpr int kMessages = 20'000;
constexpr std::size_t kCapacity = 1024;
constexpr int kBatch = 64;

// Hears all of them, for the channel is never more than a batch ahead of the slowest.
weft::Task<> hear(broadcast::Receiver<int> receiver, weft::sync::Semaphore& heard) {
  for (int i = 1;; ++i) {
    const auto message = co_await receiver.recv();
    if (!message) co_return;
    if (i % kBatch == 0) heard.add_permits(1);
  }
}

weft::Task<> send_all(broadcast::Sender<int> sender, weft::sync::Semaphore& heard,
                      std::uint32_t receivers) {
  for (int i = 1; i <= kMessages; ++i) {
    benchmark::DoNotOptimize(sender.send(i).has_value());
    if (i % kBatch != 0) continue;
    auto all = co_await heard.acquire_many(receivers);
    all->forget();
  }
}

weft::Task<> run_channel(int receivers) {
  auto [sender, first] = broadcast::channel<int>(kCapacity);
  weft::sync::Semaphore heard(0);
  std::vector<broadcast::Receiver<int>> all;
  all.push_back(std::move(first));
  while (all.size() < static_cast<std::size_t>(receivers)) all.push_back(sender.subscribe());
  auto sending =
      weft::spawn(send_all(std::move(sender), heard, static_cast<std::uint32_t>(receivers)));
  co_await bench::join_tasks(receivers, [&all, &heard](int i) {
    return hear(std::move(all[static_cast<std::size_t>(i)]), heard);
  });
  const auto sent = co_await sending;
  benchmark::DoNotOptimize(sent.has_value());
}

void BM_broadcast(benchmark::State& state) {
  const auto rt = bench::make_runtime();
  for (auto _ : state) bench::run(rt, run_channel(static_cast<int>(state.range(0))));
  bench::report_per_operation(state, kMessages);
}
WEFT_BENCH(BM_broadcast)->ArgName("receivers")->Arg(1)->Arg(8);

}  // namespace
