// The example in stream/interval_stream.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/interval_stream.h>

#include <chrono>
#include <cstddef>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/stream/fold.h>
#include <weft/stream/limit.h>
#include <weft/testing/paused_runtime.h>
#include <weft/time/interval.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

// [example]
Task<int> blink(int times) {
  int blinks = 0;
  co_await (stream::IntervalStream(time::interval(1s)) | stream::take(std::size_t(times)) |
            stream::for_each([&blinks](time::Instant) { ++blinks; }));
  co_return blinks;
}
// [end]

TEST(DocExample, StreamIntervalStream) {
  test::PausedRuntime runtime;
  EXPECT_EQ(runtime.block_on(blink(3)), 3);
  EXPECT_EQ(runtime.elapsed(), 2s);
}

}  // namespace
}  // namespace weft
