// The example in task/local_pool.h; tools/doc_examples.py keeps the two equal.

#include <weft/task/local_pool.h>

#include <memory>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// Not to be moved between threads: it counts without a lock, and keeps pointers to its locals.
Task<int> count_words(int words) {
  const auto count = std::make_shared<int>(0);
  for (int i = 0; i < words; ++i) {
    ++*count;
    co_await yield_now();
  }
  co_return *count;
}

Task<int> count_elsewhere() {
  const auto pool = LocalPoolHandle::create(2).value();
  auto counted = pool.spawn_pinned(count_words, 3);  // stays on the thread it begins on
  const auto joined = co_await counted;
  co_return joined.value();
}
// [end]

TEST(DocExample, TaskLocalPool) { EXPECT_EQ(test::block_on(count_elsewhere()), 3); }

}  // namespace
}  // namespace weft
