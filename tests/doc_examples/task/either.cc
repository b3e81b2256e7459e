// The example in task/either.h; tools/doc_examples.py keeps the two equal.

#include <weft/task/either.h>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

Task<int> from_cache() { co_return 1; }
Task<int> from_disk() {
  co_await yield_now();
  co_return 2;
}

// [example]
using Lookup = Either<Task<int>, Task<int>>;

Lookup look_up(bool is_cached) {
  if (is_cached) return Lookup::left(from_cache());
  return Lookup::right(from_disk());
}
// [end]

TEST(DocExample, TaskEither) {
  EXPECT_EQ(test::block_on(look_up(true)), 1);
  EXPECT_EQ(test::block_on(look_up(false)), 2);
}

}  // namespace
}  // namespace weft
