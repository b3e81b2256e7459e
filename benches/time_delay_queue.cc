// What do inserting into a DelayQueue, resetting, removing and expiring cost, with 10^5 entries?
//
// Peer: tokio-util (`DelayQueue`).

#include <chrono>
#include <vector>

#include <benches/support/bench.h>

namespace {

using namespace std::chrono_literals;
using weft::time::DelayKey;
using Queue = weft::time::DelayQueue<int>;

constexpr int kEntries = 100'000;

std::chrono::milliseconds delay(int i) { return 10s + 1ms * (i * 7919 % 60'000); }

std::vector<DelayKey> fill(Queue& queue) {
  std::vector<DelayKey> keys;
  keys.reserve(kEntries);
  for (int i = 0; i < kEntries; ++i) keys.push_back(queue.insert(i, delay(i)));
  return keys;
}

void BM_delay_queue_insert_remove(benchmark::State& state) {
  Queue queue;
  for (auto _ : state) {
    for (const DelayKey key : fill(queue)) benchmark::DoNotOptimize(queue.remove(key).value);
  }
  bench::report_per_operation(state, kEntries);
}
WEFT_BENCH(BM_delay_queue_insert_remove);

void BM_delay_queue_reset(benchmark::State& state) {
  Queue queue;
  const std::vector<DelayKey> keys = fill(queue);
  int round = 0;
  for (auto _ : state) {
    ++round;
    for (int i = 0; i < kEntries; ++i) {
      queue.reset(keys[static_cast<std::size_t>(i)], delay(i + round));
    }
  }
  bench::report_per_operation(state, kEntries);
}
WEFT_BENCH(BM_delay_queue_reset);

weft::Task<> expire(Queue& queue) {
  int count = 0;
  for (;;) {
    const auto expired = co_await queue.next();
    if (!expired) break;
    ++count;
  }
  benchmark::DoNotOptimize(count);
}

// All of them are due: what is measured is taking them out in order.
void BM_delay_queue_expire(benchmark::State& state) {
  const auto rt =
      weft::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().value();
  const auto entered = rt.enter();
  for (auto _ : state) {
    state.PauseTiming();
    Queue queue;
    fill(queue);
    rt.block_on(weft::time::advance(2min));
    state.ResumeTiming();
    rt.block_on(expire(queue));
  }
  bench::report_per_operation(state, kEntries);
}
WEFT_BENCH(BM_delay_queue_expire);

}  // namespace
