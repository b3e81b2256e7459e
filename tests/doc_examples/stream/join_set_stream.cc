// The example in stream/join_set_stream.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/join_set_stream.h>

#include <utility>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/task/join_set.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

Task<int> square(int n) { co_return n* n; }

// [example]
Task<int> sum_of_squares(int last) {
  JoinSet<int> squares;
  for (int n = 1; n <= last; ++n) squares.spawn(square(n));
  stream::JoinSetStream results(std::move(squares));
  int sum = 0;
  while (auto result = co_await results.next()) sum += result->value();
  co_return sum;
}
// [end]

TEST(DocExample, StreamJoinSetStream) { EXPECT_EQ(test::block_on(sum_of_squares(3)), 14); }

}  // namespace
}  // namespace weft
