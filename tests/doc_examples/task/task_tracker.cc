// The example in task/task_tracker.h; tools/doc_examples.py keeps the two equal.

#include <weft/task/task_tracker.h>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

Task<> serve(int& served) {
  co_await yield_now();
  ++served;
}

// [example]
Task<int> serve_all(int connections) {
  int served = 0;
  TaskTracker tracker;
  for (int i = 0; i < connections; ++i) tracker.spawn(serve(served));
  tracker.close();
  co_await tracker.wait();  // every connection has been served
  co_return served;
}
// [end]

TEST(DocExample, TaskTaskTracker) { EXPECT_EQ(test::block_on(serve_all(5)), 5); }

}  // namespace
}  // namespace weft
