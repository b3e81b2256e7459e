// The example in stream/peekable.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/peekable.h>

#include <vector>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/stream/sources.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// Adds up equal neighbours: 1 1 2 2 2 -> 2 6.
Task<std::vector<int>> add_neighbours(std::vector<int> numbers) {
  auto items = stream::peekable(stream::iter(numbers));
  std::vector<int> sums;
  while (const auto first = co_await items.next()) {
    int sum = *first;
    for (;;) {
      const int* const following = co_await items.peek();
      if (following == nullptr || *following != *first) break;
      sum += *co_await items.next();
    }
    sums.push_back(sum);
  }
  co_return sums;
}
// [end]

TEST(DocExample, StreamPeekable) {
  EXPECT_EQ(test::block_on(add_neighbours({1, 1, 2, 2, 2})), (std::vector{2, 6}));
}

}  // namespace
}  // namespace weft
