// The example in task/poll_sender.h; tools/doc_examples.py keeps the two equal.

#include <weft/task/poll_sender.h>

#include <utility>

#include <gtest/gtest.h>

#include <weft/runtime/poll_fn.h>
#include <weft/runtime/task.h>
#include <weft/sync/mpsc.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// A leaf's own poll(cx) would call poll_reserve(cx) in the same way.
Task<bool> send(PollSender<int> sender, int value) {
  auto reserve = [&sender](Context& cx) { return sender.poll_reserve(cx); };
  const auto reserved = co_await poll_fn(reserve);
  if (!reserved) co_return false;
  co_return sender.send_item(value).has_value();  // there is room, whatever happened since
}
// [end]

TEST(DocExample, TaskPollSender) {
  auto channel = sync::mpsc::channel<int>(1);
  EXPECT_TRUE(test::block_on(send(PollSender<int>(std::move(channel.first)), 5)));
  EXPECT_EQ(channel.second.try_recv().value(), 5);
}

}  // namespace
}  // namespace weft
