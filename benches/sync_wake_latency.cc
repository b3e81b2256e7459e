// How long is it from a wake-up on one worker until the woken task runs on another, which sleeps?
//
// The waker is a plain thread, so that the task cannot simply be run next where it was woken.
// Peers: tokio (`Notify`, `oneshot`, `mpsc`), Go (channel).

#include <chrono>
#include <optional>

#include <benches/support/bench.h>

namespace {

using Clock = std::chrono::steady_clock;

// Waits for one value after the other, and says how long each was on its way.
weft::Task<double> receive(weft::sync::mpsc::Receiver<Clock::time_point>& receiver,
                           weft::sync::Semaphore& received, int count) {
  double nanoseconds = 0;
  for (int i = 0; i < count; ++i) {
    const std::optional<Clock::time_point> sent = co_await receiver.recv();
    if (!sent) break;
    nanoseconds += std::chrono::duration<double, std::nano>(Clock::now() - *sent).count();
    received.add_permits(1);
  }
  co_return nanoseconds;
}

// One iteration is one wake-up; the time is that of the message alone, without the way back.
void BM_wake_from_a_thread(benchmark::State& state) {
  constexpr int kRounds = 1000;
  const auto rt = bench::make_runtime(static_cast<std::size_t>(state.range(0)));
  auto [sender, receiver] = weft::sync::mpsc::channel<Clock::time_point>(1);
  weft::sync::Semaphore received(0);
  double nanoseconds = 0;
  for (auto _ : state) {
    auto task = rt.spawn(receive(receiver, received, kRounds));
    for (int i = 0; i < kRounds; ++i) {
      benchmark::DoNotOptimize(sender.blocking_send(Clock::now()).has_value());
      auto permit = received.blocking_acquire();
      permit->forget();
    }
    const double taken = rt.block_on(task).value();
    nanoseconds += taken;
    state.SetIterationTime(taken * 1e-9);
  }
  state.counters["ns_per_wake"] = nanoseconds / (static_cast<double>(state.iterations()) * kRounds);
}
BENCHMARK(BM_wake_from_a_thread)->ArgName("workers")->Arg(1)->Arg(4)->UseManualTime()->MinTime(0.1);

}  // namespace
