// The example in sync/semaphore.h; tools/doc_examples.py keeps the two equal.

#include <weft/sync/semaphore.h>

#include <gtest/gtest.h>

#include <weft/runtime/join.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
sync::Semaphore connections(2);  // two at a time

Task<int> serve(int request) {
  auto permit = co_await connections.acquire();
  if (!permit) co_return -1;  // the semaphore was closed
  co_return 2 * request;      // the permit is given back here
}
// [end]

TEST(DocExample, SyncSemaphore) {
  const auto [a, b, c] = test::block_on(join(serve(1), serve(2), serve(3)));
  EXPECT_EQ(a + b + c, 12);
  EXPECT_EQ(connections.available_permits(), 2U);
}

}  // namespace
}  // namespace weft
