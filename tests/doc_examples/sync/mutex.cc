// The example in sync/mutex.h; tools/doc_examples.py keeps the two equal.

#include <weft/sync/mutex.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <weft/runtime/join.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
sync::Mutex<std::vector<std::string>> table;

Task<std::size_t> add(std::string row) {
  auto rows = co_await table.lock();
  rows->push_back(std::move(row));
  co_return rows->size();  // unlocked here
}
// [end]

TEST(DocExample, SyncMutex) {
  const auto [a, b] = test::block_on(join(add("one"), add("two")));
  EXPECT_EQ(a + b, 3U);
  EXPECT_EQ(table.get_mut().size(), 2U);
}

}  // namespace
}  // namespace weft
