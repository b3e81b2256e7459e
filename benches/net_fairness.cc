// What does a task that keeps a worker busy do to others: to the latency of 64 echo connections,
// and to a timer beside which tasks are spawned by the ten thousand?
//
// `p50` and `p99` are round trips, or how late the timer fired. The busy task works for ten
// milliseconds at a time and yields in between, as a handler does that computes; `busy:0` is the
// same without it. With several workers the p99 should hardly differ: a worker whose driver is held
// up by a long resume is relieved after a millisecond (docs/design/scheduler.md, "The watch").

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

#include <benches/support/bench.h>
#include <benches/support/echo_clients.h>
#include <benches/support/echo_server.h>

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr std::size_t kConnections = 64;
constexpr std::size_t kRounds = 100;  // for each iteration
constexpr int kTicks = 100;
constexpr auto kBusy = 10ms;
constexpr std::size_t kFlood = 10'000;

using Flag = std::shared_ptr<std::atomic<bool>>;

weft::Task<> compute(Flag go_on) {
  while (go_on->load(std::memory_order_relaxed)) {
    for (const auto end = Clock::now() + kBusy; Clock::now() < end;) benchmark::DoNotOptimize(end);
    co_await weft::yield_now();
  }
}

weft::Task<> arrive(bench::Countdown& countdown) {
  countdown.arrive();
  co_return;
}

// Spawns tasks that do nothing, so many at a time, and goes on when they have run: what is queued
// has a limit, however fast tasks are spawned.
weft::Task<> flood(Flag go_on) {
  while (go_on->load(std::memory_order_relaxed)) {
    bench::Countdown countdown(kFlood);
    for (std::size_t i = 0; i < kFlood; ++i) weft::spawn(arrive(countdown));
    co_await countdown.wait();
  }
}

void report_quantiles(benchmark::State& state, std::vector<Seconds>& times) {
  std::sort(times.begin(), times.end());
  state.counters["p50"] = times[times.size() / 2].count();
  state.counters["p99"] = times[times.size() * 99 / 100].count();
}

void BM_echo_beside_busy_task(benchmark::State& state) {
  const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
  bench::EchoClients clients(bench::start_echo_server(rt), kConnections);
  const Flag go_on = std::make_shared<std::atomic<bool>>(true);
  if (state.range(1) == 1) rt.spawn(compute(go_on));

  clients.record_round_trips();
  for (auto _ : state) clients.run(kRounds);
  go_on->store(false);
  std::vector<Seconds> times(clients.round_trips().begin(), clients.round_trips().end());
  report_quantiles(state, times);
  bench::report_per_operation(state, kRounds * kConnections);
}
WEFT_BENCH(BM_echo_beside_busy_task)
    ->ArgNames({"workers", "busy"})
    ->ArgsProduct({{1, 2, 4}, {0, 1}});

weft::Task<> tick(std::vector<Seconds>& lateness) {
  for (int i = 0; i < kTicks; ++i) {
    const auto deadline = Clock::now() + 1ms;
    co_await weft::time::sleep(1ms);
    lateness.push_back(Clock::now() - deadline);
  }
}

void BM_timer_beside_spawns(benchmark::State& state) {
  const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
  const Flag go_on = std::make_shared<std::atomic<bool>>(true);
  if (state.range(1) == 1) rt.spawn(flood(go_on));
  std::vector<Seconds> lateness;
  for (auto _ : state) bench::run(rt, tick(lateness));
  go_on->store(false);
  report_quantiles(state, lateness);
}
WEFT_BENCH(BM_timer_beside_spawns)
    ->ArgNames({"workers", "flood"})
    ->ArgsProduct({{1, 2, 4}, {0, 1}});

}  // namespace
