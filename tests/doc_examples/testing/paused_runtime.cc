// The example in testing/paused_runtime.h; tools/doc_examples.py keeps the two equal.

#include <weft/testing/paused_runtime.h>

#include <chrono>

#include <gtest/gtest.h>

#include <weft/testing/harness.h>
#include <weft/time/sleep.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

// [example]
TEST(Sleep, EndsAtItsDeadline) {
  test::PausedRuntime runtime;
  auto sleep = test::spawn(time::sleep(1h));
  test::assert_pending(sleep.poll());
  runtime.advance(1h);
  test::assert_ready(sleep.poll());
  EXPECT_EQ(runtime.elapsed(), 1h);
}
// [end]

}  // namespace
}  // namespace weft
