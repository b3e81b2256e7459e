// The example in stream/throttle.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/throttle.h>

#include <chrono>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/stream/fold.h>
#include <weft/stream/sources.h>
#include <weft/testing/paused_runtime.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

// [example]
// No more than ten a second.
Task<> call_each(std::vector<int> numbers, std::function<void(int)> call) {
  auto paced = stream::iter(numbers) | stream::throttle(100ms);
  co_await stream::for_each(std::move(paced), std::ref(call));
}
// [end]

TEST(DocExample, StreamThrottle) {
  test::PausedRuntime runtime;
  int calls = 0;
  runtime.block_on(call_each({1, 2, 3}, [&](int) { ++calls; }));
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(runtime.elapsed(), 300ms);
}

}  // namespace
}  // namespace weft
