// Rows about timers: made and cancelled, as most timeouts are; and a hundred thousand that end.

#include <algorithm>
#include <chrono>
#include <tuple>
#include <vector>

#include <benches/peers/weft/support.h>

namespace {

using namespace std::chrono_literals;
using peers::Countdown;
using peers::Figure;
using peers::Laps;
using peers::Row;
using peers::Run;

constexpr int kTimers = 50'000;  // of each task
constexpr std::size_t kSleeps = 100'000;

weft::Task<> create_and_cancel() {
  for (int i = 0; i < kTimers; ++i) {
    auto sleep = weft::time::sleep(10s + i % 1000 * 1ms);
    co_await weft::poll_fn([&sleep](weft::Context& cx) {
      std::ignore = sleep.poll(cx);
      return weft::Poll<void>();
    });
  }
}

template <int kTasks>
weft::Task<> create_and_cancel_in_tasks(Laps& laps) {
  while (laps.next()) {
    std::vector<weft::JoinHandle<void>> handles;
    for (int i = 0; i < kTasks; ++i) handles.push_back(weft::spawn(create_and_cancel()));
    co_await peers::join_all(std::move(handles));
  }
}
const Row kCancel("timer_create_cancel", [](Run& run) {
  return peers::in_task(run, kTimers, create_and_cancel_in_tasks<1>);
});
const Row kCancel4("timer_create_cancel_4", [](Run& run) {
  return peers::in_task(run, kTimers, create_and_cancel_in_tasks<4>);
});

// One of 1 to 1000 ms, and how late it ended.
weft::Task<> sleep_once(std::size_t index, peers::Nanoseconds& lateness, Countdown& countdown) {
  const auto duration = std::chrono::milliseconds(1 + index * 7919 % 1000);
  const auto begin = std::chrono::steady_clock::now();
  co_await weft::time::sleep(duration);
  lateness = std::chrono::steady_clock::now() - begin - duration;
  countdown.arrive();
}

weft::Task<> sleep_all(std::vector<peers::Nanoseconds>& lateness, Countdown& countdown) {
  countdown.reset(kSleeps);
  for (std::size_t i = 0; i < kSleeps; ++i) weft::spawn(sleep_once(i, lateness[i], countdown));
  co_await countdown.wait();
}

const Row kSleepsCpu("sleeps_100k_cpu", [](Run& run) {
  const auto rt = peers::make_runtime(run.workers);
  std::vector<peers::Nanoseconds> lateness(kSleeps);
  Countdown countdown;
  const auto before = peers::processor_time();
  rt.block_on(rt.spawn(sleep_all(lateness, countdown))).value();
  return Figure{(peers::processor_time() - before).count()};
});

const Row kSleepsLateness("sleeps_100k_p99", [](Run& run) {
  const auto rt = peers::make_runtime(run.workers);
  std::vector<peers::Nanoseconds> lateness(kSleeps);
  Countdown countdown;
  rt.block_on(rt.spawn(sleep_all(lateness, countdown))).value();
  std::sort(lateness.begin(), lateness.end());
  return Figure{lateness[kSleeps * 99 / 100].count()};
});

}  // namespace
