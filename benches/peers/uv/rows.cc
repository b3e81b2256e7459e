// libuv's rows. It has one thread, one loop, and callbacks: no tasks to spawn or to join.

#include <uv.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

#include <benches/peers/support/row.h>

namespace {

using peers::Figure;
using peers::Row;
using peers::Run;

constexpr int kTimers = 50'000;
constexpr std::size_t kSleeps = 100'000;

const Row kCancel("timer_create_cancel", [](Run& run) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  while (run.laps.next()) {
    for (int i = 0; i < kTimers; ++i) {
      uv_timer_t timer;
      uv_timer_init(&loop, &timer);
      uv_timer_start(&timer, [](uv_timer_t*) {}, static_cast<std::uint64_t>(10'000 + i % 1000), 0);
      uv_timer_stop(&timer);
      uv_close(reinterpret_cast<uv_handle_t*>(&timer), nullptr);
      // A handle is given back by a turn of the loop.
      uv_run(&loop, UV_RUN_NOWAIT);
    }
  }
  return run.laps.per_operation(kTimers);
});

struct Sleep {
  uv_timer_t timer;
  std::chrono::steady_clock::time_point deadline;
  peers::Nanoseconds lateness;
};

// Runs a hundred thousand timers of 1 to 1000 ms to their ends.
std::vector<Sleep> run_sleeps() {
  uv_loop_t loop;
  uv_loop_init(&loop);
  std::vector<Sleep> sleeps(kSleeps);
  for (std::size_t i = 0; i < kSleeps; ++i) {
    Sleep& sleep = sleeps[i];
    const std::uint64_t milliseconds = 1 + i * 7919 % 1000;
    uv_timer_init(&loop, &sleep.timer);
    sleep.timer.data = &sleep;
    sleep.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    uv_update_time(&loop);
    uv_timer_start(
        &sleep.timer,
        [](uv_timer_t* timer) {
          auto* const ended = static_cast<Sleep*>(timer->data);
          ended->lateness = std::chrono::steady_clock::now() - ended->deadline;
        },
        milliseconds, 0);
  }
  uv_run(&loop, UV_RUN_DEFAULT);
  return sleeps;
}

const Row kSleepsCpu("sleeps_100k_cpu", [](Run&) {
  const auto before = peers::processor_time();
  run_sleeps();
  return Figure{(peers::processor_time() - before).count()};
});

const Row kSleepsLateness("sleeps_100k_p99", [](Run&) {
  std::vector<Sleep> sleeps = run_sleeps();
  std::sort(sleeps.begin(), sleeps.end(),
            [](const Sleep& a, const Sleep& b) { return a.lateness < b.lateness; });
  return Figure{sleeps[kSleeps * 99 / 100].lateness.count()};
});

}  // namespace
