// What does a chain of combinators cost beside the loop that a user would write, and what does an
// item of a generator?
//
// Each iteration is a task that goes through kItems numbers, keeps the even ones, squares them and
// adds them up. All take a unit of budget for each number, so the task yields as it must.
//
//   loop        one coroutine with the three steps in its body
//   chain       iter | filter | map | take | fold, polled as one leaf
//   next        the same chain, but each item is awaited by a coroutine
//   generator   a coroutine that yields the numbers, awaited by one that does the rest
//   yield       the least that a generator can do: co_yield of a number, polled directly
//
// Peer: the loop. Instructions: `make bench-guard`, checks stream_chain and generator.

#include <cstdint>
#include <ranges>

#include <benches/support/bench.h>

namespace {

constexpr std::int64_t kItems = 1'000'000;
constexpr std::int64_t kTasks = 100'000;

bool is_even(const std::int64_t& number) { return number % 2 == 0; }
std::int64_t square(std::int64_t number) { return number * number; }
std::int64_t add(std::int64_t a, std::int64_t b) { return a + b; }

auto numbers() { return weft::stream::iter(std::views::iota(std::int64_t{0}, kItems)); }
auto chain() {
  return numbers() | weft::stream::filter([](const std::int64_t& n) { return is_even(n); }) |
         weft::stream::map([](std::int64_t n) { return square(n); }) | weft::stream::take(kItems);
}
weft::stream::AsyncGenerator<std::int64_t> generate() {
  for (std::int64_t i = 0; i < kItems; ++i) co_yield i;
}

weft::Task<> by_loop() {
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < kItems; ++i) {
    co_await weft::consume_budget();
    benchmark::DoNotOptimize(i);  // a number that comes from somewhere
    if (!is_even(i)) continue;
    sum = add(sum, square(i));
  }
  benchmark::DoNotOptimize(sum);
}

weft::Task<> by_chain() {
  std::int64_t sum = co_await weft::stream::fold(
      chain(), std::int64_t{0}, [](std::int64_t a, std::int64_t b) { return add(a, b); });
  benchmark::DoNotOptimize(sum);
}

weft::Task<> by_next() {
  auto squares = chain();
  std::int64_t sum = 0;
  for (;;) {
    const auto item = co_await squares.next();
    if (!item) break;
    sum = add(sum, *item);
  }
  benchmark::DoNotOptimize(sum);
}

weft::Task<> by_generator() {
  auto all = generate();
  std::int64_t sum = 0;
  for (;;) {
    const auto item = co_await all.next();
    if (!item) break;
    if (is_even(*item)) sum = add(sum, square(*item));
  }
  benchmark::DoNotOptimize(sum);
}

template <weft::Task<> (*kBody)()>
void BM_stream(benchmark::State& state) {
  const auto rt = bench::make_runtime(1);
  for (auto _ : state) bench::run(rt, kBody());
  bench::report_per_operation(state, kItems);
}
WEFT_BENCH(BM_stream<by_loop>)->Name("BM_stream_loop");
WEFT_BENCH(BM_stream<by_chain>)->Name("BM_stream_chain");
WEFT_BENCH(BM_stream<by_next>)->Name("BM_stream_next");
WEFT_BENCH(BM_stream<by_generator>)->Name("BM_stream_generator");

void BM_stream_yield(benchmark::State& state) {
  weft::Context cx(weft::Waker::noop());
  for (auto _ : state) {
    auto all = generate();
    std::int64_t sum = 0;
    for (;;) {
      const auto polled = all.poll_next(cx);
      if (!*polled) break;
      sum += **polled;
    }
    benchmark::DoNotOptimize(sum);
  }
  bench::report_per_operation(state, kItems);
}
WEFT_BENCH(BM_stream_yield);

// `count` awaitables at once, each of which yields to the scheduler once.
weft::Task<std::int64_t> after_a_yield(std::int64_t number) {
  co_await weft::yield_now();
  co_return number;
}
void BM_stream_buffer_unordered(benchmark::State& state) {
  const auto rt = bench::make_runtime(1);
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto body = [](std::size_t at_once) -> weft::Task<> {
    auto tasks = weft::stream::iter(std::views::iota(std::int64_t{0}, kTasks)) |
                 weft::stream::map([](std::int64_t n) { return after_a_yield(n); }) |
                 weft::stream::buffer_unordered(at_once);
    co_await weft::stream::for_each(std::move(tasks),
                                    [](std::int64_t n) { benchmark::DoNotOptimize(n); });
  };
  for (auto _ : state) bench::run(rt, body(count));
  bench::report_per_operation(state, kTasks);
}
WEFT_BENCH(BM_stream_buffer_unordered)->ArgName("at_once")->Arg(1)->Arg(64)->Arg(1024);

}  // namespace
