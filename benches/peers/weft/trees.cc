// Rows about trees of calls: awaited, joined, spawned.

#include <array>

#include <benches/peers/weft/support.h>

namespace {

using peers::Laps;
using peers::Row;
using peers::Run;

constexpr int kAwaited = 200'000;
constexpr int kFib = 30;
constexpr int kFibCalls = 2'692'537;  // that fib(30) makes, itself included
constexpr int kLeaves = 1'000'000;
constexpr int kBranching = 10;

// Not inlined: else the compiler may see that the frame is not needed.
[[gnu::noinline]] weft::Task<int> child(int value) { co_return value; }

weft::Task<> await_children(Laps& laps) {
  int sum = 0;
  while (laps.next()) {
    for (int i = 0; i < kAwaited; ++i) sum += co_await child(i & 1);
  }
  peers::keep(sum);
}
const Row kAwaitChild("await_child",
                      [](Run& run) { return peers::in_task(run, kAwaited, await_children); });

[[gnu::noinline]] weft::Task<int> fib_join(int n) {
  if (n < 2) co_return n;
  const auto [a, b] = co_await weft::join(fib_join(n - 1), fib_join(n - 2));
  co_return a + b;
}

weft::Task<int> fib_spawn(int n) {
  if (n < 2) co_return n;
  auto a = weft::spawn(fib_spawn(n - 1));
  auto b = weft::spawn(fib_spawn(n - 2));
  const auto first = co_await a;
  const auto second = co_await b;
  co_return *first + *second;
}

template <weft::Task<int> (*kBody)(int)>
weft::Task<> fib_often(Laps& laps) {
  int sum = 0;
  while (laps.next()) sum ^= co_await kBody(kFib);
  peers::keep(sum);
}
const Row kFibJoin("fib_join",
                   [](Run& run) { return peers::in_task(run, kFibCalls, fib_often<fib_join>); });
const Row kFibSpawn("fib_spawn",
                    [](Run& run) { return peers::in_task(run, kFibCalls, fib_often<fib_spawn>); });

// Each node spawns ten below it, down to a million leaves, and adds up what they return.
weft::Task<long> skynet(long number, int size) {
  if (size == 1) co_return number;
  std::array<std::optional<weft::JoinHandle<long>>, kBranching> children;
  const int below = size / kBranching;
  for (int i = 0; i < kBranching; ++i) {
    children[static_cast<std::size_t>(i)] = weft::spawn(skynet(number + i * below, below));
  }
  long sum = 0;
  for (auto& handle : children) {
    const auto joined = co_await *handle;
    sum += *joined;
  }
  co_return sum;
}

weft::Task<> skynet_often(Laps& laps) {
  long sum = 0;
  while (laps.next()) sum ^= co_await skynet(0, kLeaves);
  peers::keep(sum);
}
const Row kSkynet("skynet_spawn",
                  [](Run& run) { return peers::in_task(run, kLeaves, skynet_often); });

}  // namespace
