// Rows about fork and join: children in a scope, which write to what their parent owns.

#include <array>

#include <benches/peers/weft/support.h>
#include <weft/task/scope.h>

namespace {

using peers::Laps;
using peers::Row;
using peers::Run;

constexpr int kFib = 30;
constexpr int kFibCalls = 2'692'537;  // that fib(30) makes, itself included
constexpr int kLeaves = 1'000'000;
constexpr int kBranching = 10;

// One of the two is forked, the other one called.
weft::Task<> fib(int n, int& result) {
  if (n < 2) {
    result = n;
    co_return;
  }
  int a = 0;
  int b = 0;
  co_await weft::scope([&a, &b, n](weft::Scope& scope) -> weft::Task<> {
    scope.spawn(fib(n - 1, a));
    co_await fib(n - 2, b);
  });
  result = a + b;
}

weft::Task<> fib_often(Laps& laps) {
  int result = 0;
  while (laps.next()) co_await fib(kFib, result);
  peers::keep(result);
}
const Row kFibScope("fib_scope",
                    [](Run& run) { return peers::in_task(run, kFibCalls, fib_often); });

// The tree of trees.cc.
weft::Task<> skynet(long number, int size, long& result) {
  if (size == 1) {
    result = number;
    co_return;
  }
  std::array<long, kBranching> sums{};
  const int below = size / kBranching;
  co_await weft::scope([&sums, number, below](weft::Scope& scope) -> weft::Task<> {
    for (int i = 0; i < kBranching; ++i) {
      scope.spawn(skynet(number + i * below, below, sums[static_cast<std::size_t>(i)]));
    }
    co_return;
  });
  result = 0;
  for (const long sum : sums) result += sum;
}

weft::Task<> skynet_often(Laps& laps) {
  long result = 0;
  while (laps.next()) co_await skynet(0, kLeaves, result);
  peers::keep(result);
}
const Row kSkynetScope("skynet_scope",
                       [](Run& run) { return peers::in_task(run, kLeaves, skynet_often); });

}  // namespace
