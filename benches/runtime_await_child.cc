// What does it cost to call a coroutine that completes at once, and to await it?
//
// Beside it: raw::Task, the least that a lazy coroutine can do. Peer: libcoro's task.

#include <benches/support/bench.h>
#include <benches/support/raw_coroutine.h>

namespace {

constexpr int kCalls = 100'000;

// Not inlined: else the compiler may see that the frame is not needed.
[[gnu::noinline]] weft::Task<int> child(int value) { co_return value; }
[[gnu::noinline]] raw::Task raw_child(int value) { co_return value; }

weft::Task<> await_children() {
  int sum = 0;
  for (int i = 0; i < kCalls; ++i) sum += co_await child(i);
  benchmark::DoNotOptimize(sum);
}

raw::Task await_raw_children() {
  int sum = 0;
  for (int i = 0; i < kCalls; ++i) sum += co_await raw_child(i);
  benchmark::DoNotOptimize(sum);
  co_return sum;
}

void BM_await_child(benchmark::State& state) {
  const auto rt = bench::make_runtime(1);
  for (auto _ : state) bench::run(rt, await_children());
  bench::report_per_operation(state, kCalls);
}
WEFT_BENCH(BM_await_child);

void BM_await_child_raw(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(await_raw_children().run());
  bench::report_per_operation(state, kCalls);
}
WEFT_BENCH(BM_await_child_raw);

}  // namespace
