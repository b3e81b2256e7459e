// The example in sync/barrier.h; tools/doc_examples.py keeps the two equal.

#include <weft/sync/barrier.h>

#include <gtest/gtest.h>

#include <weft/runtime/join.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
sync::Barrier barrier(3);

Task<int> part() {
  // ... what each has to do before any may go on ...
  const auto result = co_await barrier.wait();
  co_return result.is_leader() ? 1 : 0;  // one of the three is
}
// [end]

TEST(DocExample, SyncBarrier) {
  const auto [a, b, c] = test::block_on(join(part(), part(), part()));
  EXPECT_EQ(a + b + c, 1);
}

}  // namespace
}  // namespace weft
