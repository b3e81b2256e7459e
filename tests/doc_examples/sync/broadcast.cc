// The example in sync/broadcast.h; tools/doc_examples.py keeps the two equal.

#include <weft/sync/broadcast.h>

#include <string>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<std::string> hear(sync::broadcast::Receiver<std::string> receiver) {
  std::string heard;
  for (;;) {
    const auto event = co_await receiver.recv();
    if (event) {
      heard += *event;
    } else if (event.error().is_lagged()) {
      heard += "(" + std::to_string(event.error().lagged()) + " lost)";
    } else {
      co_return heard;  // all senders have gone
    }
  }
}
// [end]

TEST(DocExample, SyncBroadcast) {
  auto [sender, receiver] = sync::broadcast::channel<std::string>(2);
  auto late = sender.subscribe();
  for (const char* event : {"a", "b", "c"}) EXPECT_EQ(sender.send(event).value_or(0), 2U);
  {
    auto last = std::move(sender);
  }
  EXPECT_EQ(test::block_on(hear(std::move(receiver))), "(1 lost)bc");
  EXPECT_EQ(late.size(), 3U);
}

}  // namespace
}  // namespace weft
