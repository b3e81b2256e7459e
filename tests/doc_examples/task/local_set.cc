// The example in task/local_set.h; tools/doc_examples.py keeps the two equal.

#include <weft/task/local_set.h>

#include <memory>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<> count_to(std::shared_ptr<int> counter, int n) {  // no lock: all on one thread
  for (int i = 0; i < n; ++i) ++*counter;
  co_return;
}

Task<int> count_locally() {
  const auto counter = std::make_shared<int>(0);
  LocalSet set;
  set.spawn_local(count_to(counter, 2));
  set.spawn_local(count_to(counter, 3));
  co_await set;  // runs them
  co_return *counter;
}
// [end]

TEST(DocExample, TaskLocalSet) { EXPECT_EQ(test::block_on(count_locally()), 5); }

}  // namespace
}  // namespace weft
