// The example in testing/stream_mock.h; tools/doc_examples.py keeps the two equal.

#include <weft/testing/stream_mock.h>

#include <chrono>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/paused_runtime.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

template <class Stream>
Task<int> sum(Stream stream) {
  int total = 0;
  while (const auto value = co_await stream.next()) total += *value;
  co_return total;
}

// [example]
TEST(Sum, TakesItsTime) {
  test::PausedRuntime runtime;
  auto stream = test::StreamMockBuilder<int>().next(1).wait(5s).next(2).build();
  EXPECT_EQ(runtime.block_on(sum(std::move(stream))), 3);
  EXPECT_EQ(runtime.elapsed(), 5s);
}
// [end]

}  // namespace
}  // namespace weft
