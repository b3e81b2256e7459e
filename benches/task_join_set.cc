// What does it cost to spawn tasks into a JoinSet and to read their results?
//
// Peer: tokio (`JoinSet`). Compare with runtime_spawn_join, which awaits one handle at a time.

#include <benches/support/bench.h>

namespace {

constexpr int kTasks = 20'000;

weft::Task<int> number(int value) { co_return value; }

weft::Task<> spawn_and_join_all() {
  weft::JoinSet<int> set;
  for (int i = 0; i < kTasks; ++i) set.spawn(number(i));
  int sum = 0;
  for (;;) {
    const auto next = co_await set.join_next();
    if (!next.has_value()) break;
    sum += next->value();
  }
  benchmark::DoNotOptimize(sum);
}

void BM_join_set_spawn_and_join_next(benchmark::State& state) {
  const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) bench::run(rt, spawn_and_join_all());
  bench::report_per_operation(state, kTasks);
}
WEFT_BENCH(BM_join_set_spawn_and_join_next)->ArgName("workers")->Arg(1)->Arg(4);

weft::Task<> track_and_wait() {
  weft::TaskTracker tracker;
  for (int i = 0; i < kTasks; ++i) tracker.spawn(number(i));
  tracker.close();
  co_await tracker.wait();
}

void BM_task_tracker_spawn_and_wait(benchmark::State& state) {
  const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) bench::run(rt, track_and_wait());
  bench::report_per_operation(state, kTasks);
}
WEFT_BENCH(BM_task_tracker_spawn_and_wait)->ArgName("workers")->Arg(1)->Arg(4);

}  // namespace
