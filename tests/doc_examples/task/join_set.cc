// The example in task/join_set.h; tools/doc_examples.py keeps the two equal.

#include <weft/task/join_set.h>

#include <gtest/gtest.h>

#include <weft/runtime/runtime.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

Task<int> square(int n) { co_return n* n; }

// [example]
Task<int> sum_of_squares(int count) {
  JoinSet<int> set;
  for (int i = 1; i <= count; ++i) set.spawn(square, i);
  int sum = 0;
  for (;;) {
    const auto next = co_await set.join_next();  // whichever ends first
    if (!next) co_return sum;
    sum += next->value();
  }
}
// [end]

TEST(DocExample, TaskJoinSet) { EXPECT_EQ(test::block_on(sum_of_squares(3)), 14); }

}  // namespace
}  // namespace weft
