// The example in task/in_context_of.h; tools/doc_examples.py keeps the two equal.

#include <weft/task/in_context_of.h>

#include <chrono>

#include <gtest/gtest.h>

#include <weft/runtime/builder.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>
#include <weft/time/sleep.h>

namespace weft {
namespace {

// [example]
Task<int> sleeps() {
  co_await time::sleep(std::chrono::milliseconds(1));
  co_return 1;
}

// May be awaited in a runtime that has no timers.
Task<int> sleep_elsewhere(runtime::Handle with_timers) {
  co_return co_await in_context_of(with_timers, sleeps());
}
// [end]

TEST(DocExample, TaskInContextOf) {
  const auto with_timers =
      runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().value();
  const auto plain = runtime::Builder::new_current_thread().build().value();
  EXPECT_EQ(plain.block_on(sleep_elsewhere(with_timers.handle())), 1);
}

}  // namespace
}  // namespace weft
