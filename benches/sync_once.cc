// What do a set OnceCell, a Barrier and a SetOnce cost?
//
// Peer: tokio (`OnceCell::get`, `get_or_init` of a set cell, `Barrier` of 4 tasks, `SetOnce`).

#include <benches/support/bench.h>
#include <benches/support/tasks.h>

namespace {

constexpr int kReads = 100'000;
constexpr int kGenerations = 5'000;

weft::Task<long> one() { co_return 1; }

weft::Task<> get_often() {
  weft::sync::OnceCell<long> cell;
  long sum = 0;
  for (int i = 0; i < kReads; ++i) {
    const long& value = co_await cell.get_or_init(one);
    sum += value;
  }
  benchmark::DoNotOptimize(sum);
}

weft::Task<> wait_often() {
  weft::sync::SetOnce<long> cell(1);
  long sum = 0;
  for (int i = 0; i < kReads; ++i) {
    const long& value = co_await cell.wait();
    sum += value;
  }
  benchmark::DoNotOptimize(sum);
}

weft::Task<> go_through(weft::sync::Barrier& barrier) {
  for (int i = 0; i < kGenerations; ++i) {
    const auto passed = co_await barrier.wait();
    benchmark::DoNotOptimize(passed.is_leader());
  }
}

weft::Task<> meet(int tasks) {
  weft::sync::Barrier barrier(static_cast<std::size_t>(tasks));
  co_await bench::join_tasks(tasks, [&barrier](int) { return go_through(barrier); });
}

void BM_once_cell_get_or_init(benchmark::State& state) {
  const auto rt = bench::make_runtime();
  for (auto _ : state) bench::run(rt, get_often());
  bench::report_per_operation(state, kReads);
}
WEFT_BENCH(BM_once_cell_get_or_init);

void BM_set_once_wait(benchmark::State& state) {
  const auto rt = bench::make_runtime();
  for (auto _ : state) bench::run(rt, wait_often());
  bench::report_per_operation(state, kReads);
}
WEFT_BENCH(BM_set_once_wait);

void BM_barrier_generation(benchmark::State& state) {
  const auto rt = bench::make_runtime();
  for (auto _ : state) bench::run(rt, meet(static_cast<int>(state.range(0))));
  bench::report_per_operation(state, kGenerations);
}
WEFT_BENCH(BM_barrier_generation)->ArgName("tasks")->Arg(4)->Arg(100);

}  // namespace
