// The example in stream/fold.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/fold.h>

#include <vector>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/stream/sources.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<bool> has_negative(std::vector<int> numbers) {
  co_return co_await stream::any(stream::iter(numbers), [](int n) { return n < 0; });
}
Task<long> product(std::vector<int> numbers) {
  const auto times = [](long so_far, int n) { return so_far * n; };
  co_return co_await stream::fold(stream::iter(numbers), 1L, times);
}
// [end]

TEST(DocExample, StreamFold) {
  EXPECT_TRUE(test::block_on(has_negative({1, -2})));
  EXPECT_EQ(test::block_on(product({2, 3, 4})), 24);
}

}  // namespace
}  // namespace weft
