// The example in testing/mock_task.h; tools/doc_examples.py keeps the two equal.

#include <weft/testing/mock_task.h>

#include <gtest/gtest.h>

#include <weft/runtime/poll.h>
#include <weft/sync/mpsc.h>

namespace weft {
namespace {

// [example]
TEST(Receiver, PollRecvRegistersTheTask) {
  auto [sender, receiver] = sync::mpsc::channel<int>(1);
  test::MockTask task;
  task.enter([&rx = receiver](Context& cx) { EXPECT_TRUE(rx.poll_recv(cx).is_pending()); });
  EXPECT_TRUE(sender.try_send(1));
  EXPECT_TRUE(task.is_woken());
}
// [end]

}  // namespace
}  // namespace weft
