// What do reading and writing under an RwLock cost: alone, among readers, and with some writers?
//
// Peers: tokio (`RwLock`; uncontended 49 read, 50 write), Go (`sync.RWMutex`; 44, 41 ns).

#include <benches/support/bench.h>
#include <benches/support/tasks.h>

namespace {

constexpr int kLocks = 100'000;  // of all tasks together

// One in `write_every` is a write; none if that is 0.
weft::Task<> lock_often(weft::sync::RwLock<long>& lock, int times, int write_every) {
  long sum = 0;
  for (int i = 1; i <= times; ++i) {
    if (write_every != 0 && i % write_every == 0) {
      auto writing = co_await lock.write();
      ++*writing;
    } else {
      const auto reading = co_await lock.read();
      sum += *reading;
    }
  }
  benchmark::DoNotOptimize(sum);
}

weft::Task<> compete(int tasks, int write_every) {
  weft::sync::RwLock<long> lock(0);
  co_await bench::join_tasks(tasks, [&lock, tasks, write_every](int) {
    return lock_often(lock, kLocks / tasks, write_every);
  });
}

void BM_rw_lock(benchmark::State& state) {
  const auto rt = bench::make_runtime();
  const int tasks = static_cast<int>(state.range(0));
  const int write_every = static_cast<int>(state.range(1));
  for (auto _ : state) bench::run(rt, compete(tasks, write_every));
  bench::report_per_operation(state, kLocks);
}
WEFT_BENCH(BM_rw_lock)
    ->ArgNames({"tasks", "write_every"})
    ->Args({1, 0})
    ->Args({1, 1})
    ->Args({4, 0})
    ->Args({4, 10})
    ->Args({100, 0})
    ->Args({100, 10});

}  // namespace
