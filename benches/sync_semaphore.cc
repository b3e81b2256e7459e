// What do acquiring and releasing a permit cost: alone, with a permit for each task, and in
// competition for one?
//
// Peers: tokio (`Semaphore`; uncontended 49 ns), Go (buffered channel as semaphore; 39 ns).

#include <benches/support/bench.h>
#include <benches/support/tasks.h>

namespace {

constexpr int kAcquires = 100'000;  // of all tasks together

weft::Task<> acquire_often(weft::sync::Semaphore& semaphore, int times) {
  for (int i = 0; i < times; ++i) {
    const auto permit = co_await semaphore.acquire();
    benchmark::DoNotOptimize(permit.has_value());
  }
}

weft::Task<> compete(int tasks, int permits) {
  weft::sync::Semaphore semaphore(static_cast<std::size_t>(permits));
  co_await bench::join_tasks(
      tasks, [&semaphore, tasks](int) { return acquire_often(semaphore, kAcquires / tasks); });
}

void BM_semaphore_acquire(benchmark::State& state) {
  const auto rt = bench::make_runtime();
  const int tasks = static_cast<int>(state.range(0));
  const int permits = static_cast<int>(state.range(1));
  for (auto _ : state) bench::run(rt, compete(tasks, permits));
  bench::report_per_operation(state, kAcquires);
}
WEFT_BENCH(BM_semaphore_acquire)
    ->ArgNames({"tasks", "permits"})
    ->Args({1, 1})
    ->Args({4, 4})
    ->Args({4, 1})
    ->Args({100, 10});

}  // namespace
