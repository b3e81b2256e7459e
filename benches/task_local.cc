// What does it cost to look up a TaskLocal, and to resume inside its scope?
//
// Peer: tokio (`task_local!`).

#include <benches/support/bench.h>

namespace {

constexpr int kRounds = 20'000;

constinit weft::TaskLocal<int> key;
constinit weft::TaskLocal<int> outer_key;

void BM_task_local_get(benchmark::State& state) {
  key.sync_scope(1, [&] {
    for (auto _ : state) benchmark::DoNotOptimize(key.get());
  });
}
WEFT_BENCH(BM_task_local_get);

void BM_task_local_get_behind_four_others(benchmark::State& state) {
  outer_key.sync_scope(1, [&] {
    key.sync_scope(1, [&] {
      key.sync_scope(2, [&] {
        key.sync_scope(3, [&] {
          key.sync_scope(4, [&] {
            for (auto _ : state) benchmark::DoNotOptimize(outer_key.get());
          });
        });
      });
    });
  });
}
WEFT_BENCH(BM_task_local_get_behind_four_others);

weft::Task<> yields() {
  for (int i = 0; i < kRounds; ++i) co_await weft::yield_now();
}
weft::Task<> yields_in_a_scope() { co_await key.scope(1, yields()); }

void BM_task_local_resume(benchmark::State& state) {
  const auto rt = bench::make_runtime(1);
  for (auto _ : state) {
    if (state.range(0) != 0) {
      bench::run(rt, yields_in_a_scope());
    } else {
      bench::run(rt, yields());
    }
  }
  bench::report_per_operation(state, kRounds);
}
WEFT_BENCH(BM_task_local_resume)->ArgName("in_scope")->Arg(0)->Arg(1);

}  // namespace
