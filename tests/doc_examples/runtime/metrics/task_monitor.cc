// The example in runtime/metrics/task_monitor.h; tools/doc_examples.py keeps the two equal.

#include <weft/runtime/metrics/task_monitor.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/runtime/runtime.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/time/sleep.h>

namespace weft {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

struct Report {
  nanoseconds poll;
  nanoseconds scheduled;
  std::uint64_t slow_polls;
};
Report last{};
void report(nanoseconds poll, nanoseconds scheduled, std::uint64_t slow_polls) {
  last = {poll, scheduled, slow_polls};
}

Task<std::string> serve(std::string request) {
  co_await time::sleep(10ms);
  co_return request;
}

Task<std::string> watch(std::string request) {
  // [example]
  const runtime::TaskMonitor requests;
  auto handle = spawn(requests.instrument(serve(request)));
  const auto joined = co_await handle;
  const runtime::TaskMetrics so_far = requests.cumulative();
  report(so_far.polls.mean(), so_far.scheduled.mean(), so_far.slow_polls.count);
  // [end]
  co_return joined.value();
}

TEST(R148, TaskMonitorExample) {
  runtime::Runtime rt =
      runtime::Builder::new_current_thread().enable_time().start_paused(true).build().value();
  EXPECT_EQ(rt.block_on(watch("hello")), "hello");
  EXPECT_EQ(last.poll, 0ns) << "the clock is paused";
  EXPECT_EQ(last.slow_polls, 0U);
}

}  // namespace
}  // namespace weft
