// The example in stream/sources.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/sources.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<std::optional<std::pair<int, int>>> halve(int n) {
  if (n == 0) co_return std::nullopt;  // the end
  co_return std::pair(n, n / 2);       // an item, and the state for the next call
}
Task<int> count_halvings() {
  auto numbers = stream::unfold(20, halve);  // 20 10 5 2 1
  int count = 0;
  while (co_await numbers.next()) ++count;
  auto words = stream::iter(std::vector<std::string>{"a", "b"});
  while (co_await words.next()) ++count;
  co_return count;
}
// [end]

TEST(DocExample, StreamSources) { EXPECT_EQ(test::block_on(count_halvings()), 7); }

}  // namespace
}  // namespace weft
