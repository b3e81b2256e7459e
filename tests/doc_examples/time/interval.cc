// The example in time/interval.h; tools/doc_examples.py keeps the two equal.

#include <weft/time/interval.h>

#include <chrono>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/paused_runtime.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

// [example]
Task<int> sample(int times) {
  auto interval = time::interval(10ms);
  interval.missed_tick_behavior(time::MissedTickBehavior::kSkip);
  int samples = 0;
  while (samples < times) {
    co_await interval.tick();  // the first one completes immediately
    ++samples;
  }
  co_return samples;
}
// [end]

TEST(DocExample, TimeInterval) {
  test::PausedRuntime runtime;
  EXPECT_EQ(runtime.block_on(sample(5)), 5);
  EXPECT_EQ(runtime.elapsed(), 40ms);
}

}  // namespace
}  // namespace weft
