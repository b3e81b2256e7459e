// What does fork-join with a scope cost, per call of the recursive function?
//
// Peers: libfork, TooManyCooks (fork-join libraries; 2.8 to 4.7 ns); a spawned task per node is
// runtime_chained_spawn.cc and runtime_spawn.cc.

#include <benches/support/bench.h>
#include <weft/task/scope.h>

namespace {

constexpr int kFib = 25;
constexpr int kFibCalls = 242'785;  // of fib(25)

// Both recursive calls are children; the one spawned last runs first, on the same thread.
weft::Task<> fib(int n, int& result) {
  if (n < 2) {
    result = n;
    co_return;
  }
  int a = 0;
  int b = 0;
  co_await weft::scope([&a, &b, n](weft::Scope& s) {
    s.spawn(fib(n - 1, a));
    s.spawn(fib(n - 2, b));
  });
  result = a + b;
}

// One child, the other call is the body's own.
weft::Task<> fib_in_body(int n, int& result) {
  if (n < 2) {
    result = n;
    co_return;
  }
  int a = 0;
  int b = 0;
  co_await weft::scope([&a, &b, n](weft::Scope& s) -> weft::Task<> {
    s.spawn(fib_in_body(n - 1, a));
    co_await fib_in_body(n - 2, b);
  });
  result = a + b;
}

constexpr int kWidth = 10;
constexpr int kDepth = 5;
constexpr int kLeaves = 100'000;

// A tree of ten children per node whose leaves are added up.
weft::Task<> skynet(int depth, long number, long& sum) {
  if (depth == 0) {
    sum = number;
    co_return;
  }
  long parts[kWidth];
  co_await weft::scope([depth, number, &parts](weft::Scope& s) {
    for (int i = 0; i < kWidth; ++i) s.spawn(skynet(depth - 1, number * kWidth + i, parts[i]));
  });
  sum = 0;
  for (const long part : parts) sum += part;
}

weft::Task<> run_fib(weft::Task<> (*function)(int, int&)) {
  int result = 0;
  co_await function(kFib, result);
  benchmark::DoNotOptimize(result);
}

weft::Task<> run_skynet() {
  long sum = 0;
  co_await skynet(kDepth, 0, sum);
  benchmark::DoNotOptimize(sum);
}

void BM_scope_fib(benchmark::State& state) {
  const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) bench::run(rt, run_fib(&fib));
  bench::report_per_operation(state, kFibCalls);
}
WEFT_BENCH(BM_scope_fib)->ArgName("workers")->Arg(1)->Arg(4);

void BM_scope_fib_in_body(benchmark::State& state) {
  const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) bench::run(rt, run_fib(&fib_in_body));
  bench::report_per_operation(state, kFibCalls);
}
WEFT_BENCH(BM_scope_fib_in_body)->ArgName("workers")->Arg(1)->Arg(4);

void BM_scope_skynet(benchmark::State& state) {
  const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) bench::run(rt, run_skynet());
  bench::report_per_operation(state, kLeaves);
}
WEFT_BENCH(BM_scope_skynet)->ArgName("workers")->Arg(1)->Arg(4);

}  // namespace
