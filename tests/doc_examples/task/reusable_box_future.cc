// The example in task/reusable_box_future.h; tools/doc_examples.py keeps the two equal.

#include <weft/task/reusable_box_future.h>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

Task<int> read_number(int n) { co_return n; }

// [example]
Task<int> sum(int count) {
  ReusableBoxFuture<int> next(read_number(0));
  int total = 0;
  for (int i = 1;; ++i) {
    total += co_await next;
    if (i > count) co_return total;
    next.set(read_number(i));  // in the same block: it is of the same type
  }
}
// [end]

TEST(DocExample, TaskReusableBoxFuture) { EXPECT_EQ(test::block_on(sum(4)), 10); }

}  // namespace
}  // namespace weft
