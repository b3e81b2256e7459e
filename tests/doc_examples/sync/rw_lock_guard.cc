// The example in sync/rw_lock_guard.h; tools/doc_examples.py keeps the two equal.

#include <weft/sync/rw_lock_guard.h>

#include <vector>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/sync/rw_lock.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<int> append(sync::RwLock<std::vector<int>>& numbers, int number) {
  auto writing = co_await numbers.write();
  writing->push_back(number);
  auto reading = std::move(writing).downgrade();  // no other writer in between
  int sum = 0;
  for (const int each : *reading) sum += each;
  co_return sum;
}
// [end]

TEST(DocExample, SyncRwLockGuard) {
  sync::RwLock<std::vector<int>> numbers;
  EXPECT_EQ(test::block_on(append(numbers, 3)), 3);
  EXPECT_EQ(test::block_on(append(numbers, 4)), 7);
}

}  // namespace
}  // namespace weft
