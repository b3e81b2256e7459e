// The example in stream/generator.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/generator.h>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
stream::AsyncGenerator<int> count_to(int last) {
  for (int i = 1; i <= last; ++i) {
    co_await yield_now();  // a body may await what it likes
    co_yield i;
  }
}
Task<int> add_up(int last) {
  auto numbers = count_to(last);
  int total = 0;
  while (const auto number = co_await numbers.next()) total += *number;
  co_return total;
}
// [end]

TEST(DocExample, StreamGenerator) { EXPECT_EQ(test::block_on(add_up(4)), 10); }

}  // namespace
}  // namespace weft
