// The example in runtime/metrics/runtime_monitor.h; tools/doc_examples.py keeps the two equal.

#include <weft/runtime/metrics/runtime_monitor.h>

#include <cstdint>

#include <gtest/gtest.h>

#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>

namespace weft {
namespace {

struct Report {
  std::uint64_t polls;
  double busy;
  double polls_per_park;
};
Report last{};
void report(std::uint64_t polls, double busy, double polls_per_park) {
  last = {polls, busy, polls_per_park};
}

Task<> work() {
  const auto joined = co_await spawn([]() -> Task<> { co_await yield_now(); });
  joined.value();
}

Task<> watch() {
  // [example]
  const runtime::RuntimeMonitor monitor(runtime::Handle::current().metrics());
  auto intervals = monitor.intervals();
  co_await work();
  const runtime::RuntimeInterval during = intervals.next();
  report(during.polls.total, during.busy_ratio(), during.mean_polls_per_park());
  // [end]
}

TEST(R148, RuntimeMonitorExample) {
  runtime::Runtime rt = runtime::Builder::new_current_thread().build().value();
  rt.block_on(watch());
  EXPECT_EQ(last.polls, 2U);
  EXPECT_GE(last.busy, 0.0);
  EXPECT_GE(last.polls_per_park, 0.0);
}

}  // namespace
}  // namespace weft
