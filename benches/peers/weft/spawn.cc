// Rows about spawning: detached, joined, in a chain, from outside, beside busy workers.

#include <atomic>
#include <memory>

#include <benches/peers/weft/support.h>

namespace {

using peers::Countdown;
using peers::Figure;
using peers::Laps;
using peers::Row;
using peers::Run;

constexpr std::size_t kMany = 1'000'000;
constexpr int kJoined = 100'000;
constexpr int kDepth = 1000;
constexpr int kChains = 20;

weft::Task<> arrive(Countdown& countdown) {
  countdown.arrive();
  co_return;
}

weft::Task<> spawn_many(Laps& laps) {
  Countdown countdown;
  while (laps.next()) {
    countdown.reset(kMany);
    for (std::size_t i = 0; i < kMany; ++i) weft::spawn(arrive(countdown));
    co_await countdown.wait();
  }
}
const Row kFromWorker("spawn_from_worker",
                      [](Run& run) { return peers::in_task(run, kMany, spawn_many); });

const Row kPeakRss("spawn_peak_rss", [](Run& run) {
  peers::in_task(run, kMany, spawn_many);
  return Figure{static_cast<double>(peers::peak_resident_bytes())};
});

// Spawns laps of `count` tasks from this thread.
Figure spawn_from_here(const weft::runtime::Runtime& rt, Laps& laps, std::size_t count) {
  Countdown countdown;
  while (laps.next()) {
    countdown.reset(count);
    for (std::size_t i = 0; i < count; ++i) rt.spawn(arrive(countdown));
    rt.block_on(countdown.wait());
  }
  return laps.per_operation(static_cast<double>(count));
}

const Row kFromOutside("spawn_from_outside", [](Run& run) {
  return spawn_from_here(peers::make_runtime(run.workers), run.laps, kMany);
});

weft::Task<int> number(int value) { co_return value; }

weft::Task<> spawn_and_join(Laps& laps) {
  while (laps.next()) {
    for (int i = 0; i < kJoined; ++i) {
      const auto joined = co_await weft::spawn(number(i));
      joined.value();
    }
  }
}
const Row kJoin("spawn_join",
                [](Run& run) { return peers::in_task(run, kJoined, spawn_and_join); });

const Row kJoinBlockOn("spawn_join_block_on", [](Run& run) {
  constexpr int kRounds = 100;
  const auto rt = peers::make_runtime(run.workers);
  while (run.laps.next()) {
    for (int i = 0; i < kRounds; ++i) rt.block_on(rt.spawn(number(i))).value();
  }
  return run.laps.per_operation(kRounds);
});

weft::Task<> link(int depth, weft::sync::Notify& end) {
  if (depth == 0) {
    end.notify_one();
  } else {
    weft::spawn(link(depth - 1, end));
  }
  co_return;
}

weft::Task<> chain(Laps& laps) {
  weft::sync::Notify end;
  while (laps.next()) {
    for (int i = 0; i < kChains; ++i) {
      weft::spawn(link(kDepth, end));
      co_await end.notified();
    }
  }
}
const Row kChained("chained_spawn",
                   [](Run& run) { return peers::in_task(run, kDepth * kChains, chain); });

// As in tokio's own benchmark: two tasks a worker that work for ten microseconds and yield.
using Flag = std::shared_ptr<std::atomic<bool>>;

weft::Task<> work_and_yield(Flag go_on) {
  while (go_on->load(std::memory_order_relaxed)) {
    co_await weft::yield_now();
    peers::stall();
  }
}
const Row kRemoteBusy1("spawn_remote_busy1", [](Run& run) {
  const auto rt = peers::make_runtime(run.workers);
  const auto go_on = std::make_shared<std::atomic<bool>>(true);
  for (unsigned i = 0; i < 2 * run.workers; ++i) rt.spawn(work_and_yield(go_on));
  const Figure figure = spawn_from_here(rt, run.laps, 10'000);
  go_on->store(false, std::memory_order_relaxed);
  return figure;
});

// The same with one task a worker that works and spawns its successor.
weft::Task<> work_and_spawn(Flag go_on) {
  if (!go_on->load(std::memory_order_relaxed)) co_return;
  peers::stall();
  weft::spawn(work_and_spawn(std::move(go_on)));
}
const Row kRemoteBusy2("spawn_remote_busy2", [](Run& run) {
  const auto rt = peers::make_runtime(run.workers);
  const auto go_on = std::make_shared<std::atomic<bool>>(true);
  for (unsigned i = 0; i < run.workers; ++i) rt.spawn(work_and_spawn(go_on));
  const Figure figure = spawn_from_here(rt, run.laps, 1'000);
  go_on->store(false, std::memory_order_relaxed);
  return figure;
});

}  // namespace
