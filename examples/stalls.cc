// stalls: a task that computes for too long, and a runtime that says so.
//
//   ./stalls            reports the stall on standard error, writes stalls.json
//
// Open stalls.json in https://ui.perfetto.dev: while the checksum is computed, the ticker's timer
// fires on the other worker. With one worker it would not.

#include <chrono>
#include <cstdint>
#include <cstdio>

#include <weft/weft.h>

using namespace std::chrono_literals;

WEFT_MAIN_RUNTIME(weft::runtime::Builder::new_multi_thread()
                      .worker_threads(2)
                      .enable_all()
                      .detect_stalls(100ms)
                      .trace_to("stalls.json"))

namespace stalls {

// Computes, and does not await: for as long as it takes, its worker does nothing else.
[[gnu::noinline]] std::uint64_t checksum(std::chrono::milliseconds duration) {
  std::uint64_t sum = 1;
  const auto end = std::chrono::steady_clock::now() + duration;
  while (std::chrono::steady_clock::now() < end) sum = sum * 6364136223846793005 + 1;
  return sum;
}

weft::Task<std::uint64_t> compute() { co_return checksum(300ms); }

weft::Task<> tick() {
  for (int i = 0; i < 20; ++i) co_await weft::time::sleep(10ms);
}

}  // namespace stalls

weft::Task<int> co_main(int, char**) {
  auto ticker = weft::task::Builder().name("ticker").spawn(stalls::tick()).value();
  auto sum = weft::task::Builder().name("checksum").spawn(stalls::compute()).value();
  const auto result = co_await sum;
  std::printf("%016llx\n", static_cast<unsigned long long>(*result));
  const auto ticked = co_await ticker;
  co_return ticked ? 0 : 1;
}
