// The example in time/instant.h; tools/doc_examples.py keeps the two equal.

#include <weft/time/instant.h>

#include <chrono>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/paused_runtime.h>
#include <weft/time/sleep.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

// [example]
Task<bool> is_slow() {
  const time::Instant start = time::Clock::now();
  co_await time::sleep(4s);
  co_return time::elapsed(start) > 3s;
}
// [end]

TEST(DocExample, TimeInstant) {
  test::PausedRuntime runtime;
  EXPECT_TRUE(runtime.block_on(is_slow()));
}

}  // namespace
}  // namespace weft
