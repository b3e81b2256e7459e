// The example in sync/mpsc_permit.h; tools/doc_examples.py keeps the two equal.

#include <weft/sync/mpsc_permit.h>

#include <string>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/sync/mpsc.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

std::string expensive_message() { return "made"; }

// [example]
Task<bool> send_when_there_is_room(sync::mpsc::Sender<std::string> sender) {
  auto permit = co_await sender.reserve();
  if (!permit) co_return false;                  // the receiver has gone
  std::move(*permit).send(expensive_message());  // cannot fail, does not wait
  co_return true;
}
// [end]

TEST(DocExample, SyncMpscPermit) {
  auto [sender, receiver] = sync::mpsc::channel<std::string>(1);
  EXPECT_TRUE(test::block_on(send_when_there_is_room(sender)));
  EXPECT_EQ(receiver.try_recv().value_or(""), "made");
}

}  // namespace
}  // namespace weft
