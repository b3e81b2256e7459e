// The example in stream/limit.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/limit.h>

#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/stream/collect.h>
#include <weft/stream/sources.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<std::vector<int>> second_page(std::vector<int> all, std::size_t page_size) {
  co_return co_await (stream::iter(all) | stream::skip(page_size) | stream::take(page_size) |
                      stream::collect());
}
// [end]

TEST(DocExample, StreamLimit) {
  EXPECT_EQ(test::block_on(second_page({1, 2, 3, 4, 5}, 2)), (std::vector{3, 4}));
}

}  // namespace
}  // namespace weft
