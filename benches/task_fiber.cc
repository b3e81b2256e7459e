// What does it cost to await on a fiber, and to run one, where a coroutine would do the same?
//
// `stackful` 0 is the coroutine. Peers: Boost.Fiber (a switch there and back); Boost.Context alone.

#include <benches/support/bench.h>

namespace {

constexpr int kRounds = 20'000;

// Complete whenever it is polled.
auto ready() {
  return weft::poll_fn([](weft::Context&) { return weft::Poll<int>(1); });
}

void code_that_awaits_what_is_ready() {
  for (int i = 0; i < kRounds; ++i) benchmark::DoNotOptimize(weft::fiber::await(ready()));
}
weft::Task<> awaits_what_is_ready(bool stackful) {
  if (stackful) {
    co_await weft::fiber::run(code_that_awaits_what_is_ready);
  } else {
    for (int i = 0; i < kRounds; ++i) benchmark::DoNotOptimize(co_await ready());
  }
}

// The code stays on its stack.
void BM_fiber_await_ready(benchmark::State& state) {
  const auto rt = bench::make_runtime(1);
  for (auto _ : state) bench::run(rt, awaits_what_is_ready(state.range(0) != 0));
  bench::report_per_operation(state, kRounds);
}
WEFT_BENCH(BM_fiber_await_ready)->ArgName("stackful")->Arg(0)->Arg(1);

// Not inlined: else the compiler may see that the frame is not needed.
[[gnu::noinline]] weft::Task<int> child(int value) { co_return value; }

void code_that_awaits_tasks() {
  for (int i = 0; i < kRounds; ++i) benchmark::DoNotOptimize(weft::fiber::await(child(i)));
}
weft::Task<> awaits_tasks(bool stackful) {
  if (stackful) {
    co_await weft::fiber::run(code_that_awaits_tasks);
  } else {
    for (int i = 0; i < kRounds; ++i) benchmark::DoNotOptimize(co_await child(i));
  }
}

// From the fiber's stack to the thread's and back.
void BM_fiber_await_task(benchmark::State& state) {
  const auto rt = bench::make_runtime(1);
  for (auto _ : state) bench::run(rt, awaits_tasks(state.range(0) != 0));
  bench::report_per_operation(state, kRounds);
}
WEFT_BENCH(BM_fiber_await_task)->ArgName("stackful")->Arg(0)->Arg(1);

void code_that_yields() {
  for (int i = 0; i < kRounds; ++i) weft::fiber::await(weft::yield_now());
}
weft::Task<> yields(bool stackful) {
  if (stackful) {
    co_await weft::fiber::run(code_that_yields);
  } else {
    for (int i = 0; i < kRounds; ++i) co_await weft::yield_now();
  }
}

// Through the scheduler and back.
void BM_fiber_yield(benchmark::State& state) {
  const auto rt = bench::make_runtime(1);
  for (auto _ : state) bench::run(rt, yields(state.range(0) != 0));
  bench::report_per_operation(state, kRounds);
}
WEFT_BENCH(BM_fiber_yield)->ArgName("stackful")->Arg(0)->Arg(1);

weft::Task<> runs_one_after_the_other(bool stackful) {
  int sum = 0;
  for (int i = 0; i < kRounds; ++i) {
    if (stackful) {
      sum += co_await weft::fiber::run([i] { return i; });
    } else {
      sum += co_await child(i);
    }
  }
  benchmark::DoNotOptimize(sum);
}

// A fiber that does not wait, on a stack that was used before.
void BM_fiber_run(benchmark::State& state) {
  const auto rt = bench::make_runtime(1);
  for (auto _ : state) bench::run(rt, runs_one_after_the_other(state.range(0) != 0));
  bench::report_per_operation(state, kRounds);
}
WEFT_BENCH(BM_fiber_run)->ArgName("stackful")->Arg(0)->Arg(1);

}  // namespace
