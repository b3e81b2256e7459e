// The example in task/abort_on_drop.h; tools/doc_examples.py keeps the two equal.

#include <weft/task/abort_on_drop.h>

#include <gtest/gtest.h>

#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

Task<int> compute(int n) { co_return n + 1; }

// [example]
Task<int> computed(int n) {
  AbortOnDropHandle<int> handle(spawn(compute, n));
  const auto result = co_await handle;  // if we are cancelled here, compute() is aborted
  co_return result.value();
}
// [end]

TEST(DocExample, TaskAbortOnDrop) { EXPECT_EQ(test::block_on(computed(3)), 4); }

}  // namespace
}  // namespace weft
