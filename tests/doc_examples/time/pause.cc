// The example in time/pause.h; tools/doc_examples.py keeps the two equal.

#include <weft/time/pause.h>

#include <chrono>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>
#include <weft/time/instant.h>
#include <weft/time/sleep.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

// [example]
Task<bool> an_hour_passes() {
  time::pause();
  const auto start = time::Clock::now();
  co_await time::sleep(1h);  // takes no time: the clock jumps
  co_return time::Clock::now() - start <= 1h + 1ms;
}
// [end]

TEST(DocExample, TimePause) { EXPECT_TRUE(test::block_on(an_hour_passes())); }

}  // namespace
}  // namespace weft
