// oneTBB's rows: tasks that are spawned into a task_group and waited for. It has no tasks that wait
// without a thread, so only rows without such waits.

#include <array>
#include <cstddef>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

#include <benches/peers/support/row.h>

namespace {

namespace tbb = oneapi::tbb;
using peers::Figure;
using peers::Laps;
using peers::Row;
using peers::Run;

constexpr std::size_t kMany = 1'000'000;
constexpr int kJoined = 100'000;
constexpr int kFib = 30;
constexpr int kFibCalls = 2'692'537;
constexpr int kLeaves = 1'000'000;
constexpr int kBranching = 10;

// Runs `body(laps)` in an arena of so many threads; the calling one is one of them.
Figure in_arena(Run& run, double operations, void (*body)(Laps&)) {
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, run.workers);
  tbb::task_arena arena(static_cast<int>(run.workers));
  arena.execute([&] { body(run.laps); });
  return run.laps.per_operation(operations);
}

void spawn_many(Laps& laps) {
  tbb::task_group group;
  while (laps.next()) {
    for (std::size_t i = 0; i < kMany; ++i) group.run([] {});
    group.wait();
  }
}
const Row kFromWorker("spawn_from_worker",
                      [](Run& run) { return in_arena(run, kMany, spawn_many); });

const Row kPeakRss("spawn_peak_rss", [](Run& run) {
  in_arena(run, kMany, spawn_many);
  return Figure{static_cast<double>(peers::peak_resident_bytes())};
});

void spawn_and_join(Laps& laps) {
  tbb::task_group group;
  int sum = 0;
  while (laps.next()) {
    for (int i = 0; i < kJoined; ++i) {
      group.run([&sum, i] { sum += i; });
      group.wait();
    }
  }
  peers::keep(sum);
}
const Row kJoin("spawn_join", [](Run& run) { return in_arena(run, kJoined, spawn_and_join); });

int fib(int n) {
  if (n < 2) return n;
  int a = 0;
  int b = 0;
  tbb::task_group group;
  group.run([&a, n] { a = fib(n - 1); });
  group.run([&b, n] { b = fib(n - 2); });
  group.wait();
  return a + b;
}

template <int (*kBody)(int)>
void fib_often(Laps& laps) {
  int sum = 0;
  while (laps.next()) sum ^= kBody(kFib);
  peers::keep(sum);
}
const Row kFibSpawn("fib_spawn", [](Run& run) { return in_arena(run, kFibCalls, fib_often<fib>); });

// One of the two is a call: what a scope is for.
int fib_forked(int n) {
  if (n < 2) return n;
  int a = 0;
  tbb::task_group group;
  group.run([&a, n] { a = fib_forked(n - 1); });
  const int b = fib_forked(n - 2);
  group.wait();
  return a + b;
}

const Row kFibScope("fib_scope",
                    [](Run& run) { return in_arena(run, kFibCalls, fib_often<fib_forked>); });

long skynet(long number, int size) {
  if (size == 1) return number;
  std::array<long, kBranching> sums{};
  const int below = size / kBranching;
  tbb::task_group group;
  for (int i = 0; i < kBranching; ++i) {
    long& sum = sums[static_cast<std::size_t>(i)];
    group.run([&sum, number, below, i] { sum = skynet(number + i * below, below); });
  }
  group.wait();
  long total = 0;
  for (const long sum : sums) total += sum;
  return total;
}

void skynet_often(Laps& laps) {
  long sum = 0;
  while (laps.next()) sum ^= skynet(0, kLeaves);
  peers::keep(sum);
}
const Row kSkynetSpawn("skynet_spawn",
                       [](Run& run) { return in_arena(run, kLeaves, skynet_often); });
const Row kSkynetScope("skynet_scope",
                       [](Run& run) { return in_arena(run, kLeaves, skynet_often); });

}  // namespace
