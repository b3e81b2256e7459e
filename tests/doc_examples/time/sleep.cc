// The example in time/sleep.h; tools/doc_examples.py keeps the two equal.

#include <weft/time/sleep.h>

#include <chrono>

#include <gtest/gtest.h>

#include <weft/runtime/select.h>
#include <weft/runtime/task.h>
#include <weft/sync/mpsc.h>
#include <weft/testing/paused_runtime.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

// [example]
Task<int> until_idle(sync::mpsc::Receiver<int> messages) {
  int count = 0;
  auto idle = time::sleep(30s);  // one timer, pushed back again and again
  for (;;) {
    const auto won = co_await select(messages.recv(), idle);
    if (won.index() == 1) co_return count;
    ++count;
    idle.reset(time::Clock::now() + 30s);
  }
}
// [end]

TEST(DocExample, TimeSleep) {
  test::PausedRuntime runtime;
  auto [sender, receiver] = sync::mpsc::channel<int>(4);
  ASSERT_TRUE(sender.try_send(1));
  ASSERT_TRUE(sender.try_send(2));
  EXPECT_EQ(runtime.block_on(until_idle(std::move(receiver))), 2);
  EXPECT_EQ(runtime.elapsed(), 30s);
}

}  // namespace
}  // namespace weft
