// Asio's rows: handlers that are posted, coroutines that yield, timers.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <vector>

#include <benches/peers/asio/support.h>

namespace {

using peers::Figure;
using peers::Laps;
using peers::Row;
using peers::Run;

constexpr std::size_t kMany = 1'000'000;
constexpr int kYielding = 200;
constexpr int kYields = 1000;
constexpr int kTimers = 50'000;  // of each task
constexpr std::size_t kSleeps = 100'000;

// A task is a handler here: posted, run once, gone.
const Row kFromOutside("spawn_from_outside", [](Run& run) {
  peers::AsioPool pool(run.workers);
  while (run.laps.next()) {
    std::atomic<std::size_t> left{kMany};
    std::promise<void> all_ran;
    for (std::size_t i = 0; i < kMany; ++i) {
      asio::post(pool.context(), [&] {
        if (left.fetch_sub(1) == 1) all_ran.set_value();
      });
    }
    all_ran.get_future().wait();
  }
  return run.laps.per_operation(kMany);
});

asio::awaitable<void> yield_often() {
  for (int i = 0; i < kYields; ++i) co_await asio::post(asio::use_awaitable);
}

// Runs several of `body` at once, on as many threads as there are, and waits for all: the last one
// to end posts what is to go on then.
asio::awaitable<void> run_together(int count, asio::awaitable<void> (*body)()) {
  const auto executor = co_await asio::this_coro::executor;
  const auto begin = [&](auto handler) {
    const auto go_on = std::make_shared<decltype(handler)>(std::move(handler));
    const auto left = std::make_shared<std::atomic<int>>(count);
    for (int i = 0; i < count; ++i) {
      asio::co_spawn(executor, body(), [left, go_on](const std::exception_ptr&) {
        if (left->fetch_sub(1) == 1) asio::post(std::move(*go_on));
      });
    }
  };
  co_await asio::async_initiate<decltype(asio::use_awaitable), void()>(begin, asio::use_awaitable);
}

asio::awaitable<void> yield_many(Laps& laps) {
  while (laps.next()) co_await run_together(kYielding, yield_often);
}
const Row kYieldMany("yield_many", [](Run& run) {
  return peers::in_coroutine(run, kYielding * kYields, yield_many);
});

asio::awaitable<void> create_and_cancel() {
  const auto executor = co_await asio::this_coro::executor;
  for (int i = 0; i < kTimers; ++i) {
    asio::steady_timer timer(executor, std::chrono::milliseconds(10'000 + i % 1000));
    timer.async_wait([](const asio::error_code&) {});
    timer.cancel();
  }
}
asio::awaitable<void> create_and_cancel_laps(Laps& laps) {
  while (laps.next()) co_await create_and_cancel();
}
asio::awaitable<void> create_and_cancel_4(Laps& laps) {
  while (laps.next()) co_await run_together(4, create_and_cancel);
}
const Row kCancel("timer_create_cancel", [](Run& run) {
  return peers::in_coroutine(run, kTimers, create_and_cancel_laps);
});
const Row kCancel4("timer_create_cancel_4",
                   [](Run& run) { return peers::in_coroutine(run, kTimers, create_and_cancel_4); });

// Runs a hundred thousand timers of 1 to 1000 ms to their ends; how late each was.
std::vector<peers::Nanoseconds> run_sleeps(unsigned workers) {
  peers::AsioPool pool(workers);
  std::vector<peers::Nanoseconds> lateness(kSleeps);
  std::vector<std::unique_ptr<asio::steady_timer>> timers;
  std::atomic<std::size_t> left{kSleeps};
  std::promise<void> all_ended;
  for (std::size_t i = 0; i < kSleeps; ++i) {
    const std::chrono::milliseconds duration(1 + i * 7919 % 1000);
    timers.push_back(std::make_unique<asio::steady_timer>(pool.context(), duration));
    timers.back()->async_wait([&, i, deadline = timers.back()->expiry()](const asio::error_code&) {
      lateness[i] = std::chrono::steady_clock::now() - deadline;
      if (left.fetch_sub(1) == 1) all_ended.set_value();
    });
  }
  all_ended.get_future().wait();
  return lateness;
}

const Row kSleepsCpu("sleeps_100k_cpu", [](Run& run) {
  const auto before = peers::processor_time();
  run_sleeps(run.workers);
  return Figure{(peers::processor_time() - before).count()};
});

const Row kSleepsLateness("sleeps_100k_p99", [](Run& run) {
  std::vector<peers::Nanoseconds> lateness = run_sleeps(run.workers);
  std::sort(lateness.begin(), lateness.end());
  return Figure{lateness[kSleeps * 99 / 100].count()};
});

}  // namespace
