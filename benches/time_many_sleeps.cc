// How much processor time do 10^5 tasks take that each sleep once, for 1 to 1000 ms, and how late
// are they?
//
// Peers: tokio (`sleep`; 293 ms of processor time, late by 1.1 ms in the median and 2.6 ms at the
// 99th percentile), Asio (120 ms).

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

#include <benches/support/bench.h>

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kSleeps = 100'000;

// Of all threads of the process.
double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

weft::Task<> sleep_once(std::chrono::milliseconds duration, double& late_by,
                        bench::Countdown& end) {
  const auto deadline = weft::time::Clock::now() + duration;
  co_await weft::time::sleep_until(deadline);
  const auto late = weft::time::Clock::now() - deadline;
  late_by = std::chrono::duration<double, std::milli>(late).count();
  end.arrive();
}

weft::Task<> sleep_all(std::vector<double>& late_by) {
  bench::Countdown end(kSleeps);
  for (std::size_t i = 0; i < kSleeps; ++i) {
    weft::spawn(sleep_once(1ms * (1 + i * 7919 % 1000), late_by[i], end));
  }
  co_await end.wait();
}

void BM_many_sleeps(benchmark::State& state) {
  const auto rt = bench::make_runtime();
  std::vector<double> late_by(kSleeps);
  double processor = 0;
  for (auto _ : state) {
    const double before = processor_seconds();
    bench::run(rt, sleep_all(late_by));
    processor += processor_seconds() - before;
  }
  std::ranges::sort(late_by);
  state.counters["cpu_ms"] = 1e3 * processor / static_cast<double>(state.iterations());
  state.counters["late_p50_ms"] = late_by[kSleeps / 2];
  state.counters["late_p99_ms"] = late_by[kSleeps * 99 / 100];
}
BENCHMARK(BM_many_sleeps)->UseRealTime()->Iterations(2)->Unit(benchmark::kMillisecond);

}  // namespace
