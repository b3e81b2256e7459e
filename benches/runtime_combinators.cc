// What does a combinator of two branches cost that complete at once?
//
// fib: every node joins its two children, without spawning. Peer: tokio (`join!`, fib(30), 17.8 ns
// a call; `select!`).

#include <tuple>

#include <benches/support/bench.h>

namespace {

constexpr int kRounds = 50'000;
constexpr int kFib = 20;
constexpr int kFibCalls = 21'891;  // calls that fib(20) makes, itself included

[[gnu::noinline]] weft::Task<int> ready(int value) { co_return value; }

weft::Task<> join_two() {
  int sum = 0;
  for (int i = 0; i < kRounds; ++i) {
    const auto [a, b] = co_await weft::join(ready(i), ready(1));
    sum += a + b;
  }
  benchmark::DoNotOptimize(sum);
}

weft::Task<> select_of_two() {
  std::size_t sum = 0;
  for (int i = 0; i < kRounds; ++i) {
    const auto first = co_await weft::select(ready(i), ready(1));
    sum += first.index();
  }
  benchmark::DoNotOptimize(sum);
}

[[gnu::noinline]] weft::Task<int> fib(int n) {
  if (n < 2) co_return n;
  const auto [a, b] = co_await weft::join(fib(n - 1), fib(n - 2));
  co_return a + b;
}

weft::Task<> fib_once() {
  const int result = co_await fib(kFib);
  benchmark::DoNotOptimize(result);
}

template <weft::Task<> (*kBody)()>
void run_body(benchmark::State& state, int operations) {
  const auto rt = bench::make_runtime(1);
  for (auto _ : state) bench::run(rt, kBody());
  bench::report_per_operation(state, operations);
}

void BM_join_two(benchmark::State& state) { run_body<join_two>(state, kRounds); }
WEFT_BENCH(BM_join_two);

void BM_select_of_two(benchmark::State& state) { run_body<select_of_two>(state, kRounds); }
WEFT_BENCH(BM_select_of_two);

void BM_join_fib(benchmark::State& state) { run_body<fib_once>(state, kFibCalls); }
WEFT_BENCH(BM_join_fib);

}  // namespace
