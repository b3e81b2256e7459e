// The example in time/delay_queue.h; tools/doc_examples.py keeps the two equal.

#include <weft/time/delay_queue.h>

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/paused_runtime.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

// [example]
Task<std::string> expire_sessions() {
  time::DelayQueue<std::string> sessions;
  const time::DelayKey alice = sessions.insert("alice", 10s);
  sessions.insert("bob", 20s);
  sessions.reset(alice, 30s);  // she was active
  std::string order;
  while (auto expired = co_await sessions.next()) order += expired->value + " ";
  co_return order;  // the queue is empty
}
// [end]

TEST(DocExample, TimeDelayQueue) {
  test::PausedRuntime runtime;
  EXPECT_EQ(runtime.block_on(expire_sessions()), "bob alice ");
  EXPECT_EQ(runtime.elapsed(), 30s);
}

}  // namespace
}  // namespace weft
