// What does a timer cost that is made, waited for, and cancelled before it fires? Most timers are
// timeouts, and end like that.
//
// Peers: tokio (`sleep`; 126 ns, in four tasks at once 317 ns), Asio, Go.

#include <chrono>
#include <vector>

#include <benches/support/bench.h>

namespace {

using namespace std::chrono_literals;

constexpr int kTimers = 50'000;  // of all tasks together

weft::Task<> create_and_cancel(int count) {
  for (int i = 0; i < count; ++i) {
    auto sleep = weft::time::sleep(10s + i % 1000 * 1ms);
    co_await weft::poll_fn([&sleep](weft::Context& cx) {
      benchmark::DoNotOptimize(sleep.poll(cx));
      return weft::Poll<void>();
    });
  }
}

weft::Task<> run_tasks(int tasks) {
  std::vector<weft::JoinHandle<void>> handles;
  for (int i = 0; i < tasks; ++i) {
    handles.push_back(weft::spawn(create_and_cancel(kTimers / tasks)));
  }
  for (auto& handle : handles) {
    const auto joined = co_await handle;
    benchmark::DoNotOptimize(joined.has_value());
  }
}

void BM_timer_create_cancel(benchmark::State& state) {
  const auto rt = bench::make_runtime();
  for (auto _ : state) bench::run(rt, run_tasks(static_cast<int>(state.range(0))));
  bench::report_per_operation(state, kTimers);
}
WEFT_BENCH(BM_timer_create_cancel)->ArgName("tasks")->Arg(1)->Arg(4);

}  // namespace
