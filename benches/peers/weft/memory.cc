// Rows about memory: what a task takes that waits for ever, and one that sleeps.

#include <chrono>

#include <benches/peers/weft/support.h>

namespace {

using peers::Countdown;
using peers::Figure;
using peers::Row;
using peers::Run;

constexpr std::size_t kTasks = 200'000;

weft::Task<> wait_for_ever(Countdown& countdown) {
  countdown.arrive();
  co_await weft::poll_fn([](weft::Context&) { return weft::Poll<void>(weft::kPending); });
}

weft::Task<> sleep_long(Countdown& countdown) {
  countdown.arrive();
  co_await weft::time::sleep(std::chrono::hours(1));
}

weft::Task<> spawn_all(weft::Task<> (*body)(Countdown&), Countdown& countdown) {
  countdown.reset(kTasks);
  for (std::size_t i = 0; i < kTasks; ++i) weft::spawn(body(countdown));
  co_await countdown.wait();
}

Figure bytes_per_task(Run& run, weft::Task<> (*body)(Countdown&)) {
  Countdown countdown;
  const auto rt = peers::make_runtime(run.workers);
  const std::size_t before = peers::resident_bytes();
  rt.block_on(rt.spawn(spawn_all(body, countdown))).value();
  return {static_cast<double>(peers::resident_bytes() - before) / kTasks};
}

const Row kParked("bytes_per_task_parked",
                  [](Run& run) { return bytes_per_task(run, wait_for_ever); });
const Row kSleeping("bytes_per_task_sleeping",
                    [](Run& run) { return bytes_per_task(run, sleep_long); });

}  // namespace
