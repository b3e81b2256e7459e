// The example in stream/broadcast_stream.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/broadcast_stream.h>

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/sync/broadcast.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<std::string> listen(sync::broadcast::Receiver<std::string> receiver) {
  stream::BroadcastStream news(std::move(receiver));
  std::string heard;
  while (const auto item = co_await news.next()) {
    heard += *item ? **item : std::string("(too late for some) ");
  }
  co_return heard;
}
// [end]

TEST(DocExample, StreamBroadcastStream) {
  auto [sender, receiver] = sync::broadcast::channel<std::string>(2);
  for (const char* word : {"a", "b", "c"}) EXPECT_TRUE(sender.send(word));
  {
    auto last = std::move(sender);
  }
  EXPECT_EQ(test::block_on(listen(std::move(receiver))), "(too late for some) bc");
}

}  // namespace
}  // namespace weft
