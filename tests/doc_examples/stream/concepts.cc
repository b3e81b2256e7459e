// The example in stream/concepts.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/concepts.h>

#include <vector>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/stream/sources.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// Any stream will do: a generator, a combinator, a class of your own that has next().
template <stream::Stream S>
Task<int> sum(S numbers) {
  int total = 0;
  while (const auto number = co_await numbers.next()) total += *number;
  co_return total;
}
// [end]

TEST(DocExample, StreamConcepts) {
  EXPECT_EQ(test::block_on(sum(stream::iter(std::vector{1, 2, 3}))), 6);
}

}  // namespace
}  // namespace weft
