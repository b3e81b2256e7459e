// The example in task/poll_semaphore.h; tools/doc_examples.py keeps the two equal.

#include <weft/task/poll_semaphore.h>

#include <memory>
#include <optional>

#include <gtest/gtest.h>

#include <weft/runtime/poll_fn.h>
#include <weft/runtime/task.h>
#include <weft/sync/semaphore.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// A leaf's own poll(cx) would call poll_acquire(cx) in the same way.
Task<bool> try_it(PollSemaphore semaphore) {
  auto acquire = [&semaphore](Context& cx) { return semaphore.poll_acquire(cx); };
  const auto permit = co_await poll_fn(acquire);
  co_return permit.has_value();  // false: the semaphore is closed
}
// [end]

TEST(DocExample, TaskPollSemaphore) {
  auto semaphore = std::make_shared<sync::Semaphore>(1);
  EXPECT_TRUE(test::block_on(try_it(PollSemaphore(semaphore))));
  semaphore->close();
  EXPECT_FALSE(test::block_on(try_it(PollSemaphore(semaphore))));
}

}  // namespace
}  // namespace weft
