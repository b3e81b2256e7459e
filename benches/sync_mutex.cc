// What do locking and unlocking a Mutex cost: alone, and in competition?
//
// Peers: tokio (`sync::Mutex`; 43 / 175 / 180 ns), Go (`sync.Mutex`; 11 / 30 / 64 ns).

#include <vector>

#include <benches/support/bench.h>

namespace {

constexpr int kLocks = 100'000;  // of all tasks together

weft::Task<> lock_often(weft::sync::Mutex<long>& mutex, int times) {
  for (int i = 0; i < times; ++i) {
    auto guard = co_await mutex.lock();
    ++*guard;
  }
}

weft::Task<> compete(int tasks) {
  weft::sync::Mutex<long> mutex(0);
  std::vector<weft::JoinHandle<void>> handles;
  for (int i = 0; i < tasks; ++i) {
    handles.push_back(weft::spawn(lock_often(mutex, kLocks / tasks)));
  }
  for (auto& handle : handles) {
    const auto joined = co_await handle;
    benchmark::DoNotOptimize(joined.has_value());
  }
}

void BM_mutex_lock(benchmark::State& state) {
  const auto rt = bench::make_runtime();
  const int tasks = static_cast<int>(state.range(0));
  for (auto _ : state) bench::run(rt, compete(tasks));
  bench::report_per_operation(state, kLocks);
}
WEFT_BENCH(BM_mutex_lock)->ArgName("tasks")->Arg(1)->Arg(4)->Arg(100);

}  // namespace
