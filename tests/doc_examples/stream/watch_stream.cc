// The example in stream/watch_stream.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/watch_stream.h>

#include <utility>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/sync/watch.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<int> last_of(sync::watch::Receiver<int> level) {
  stream::WatchStream levels(std::move(level));
  int last = 0;
  while (const auto value = co_await levels.next()) last = *value;  // the current one first
  co_return last;
}
// [end]

TEST(DocExample, StreamWatchStream) {
  auto [sender, receiver] = sync::watch::channel<int>(1);
  EXPECT_TRUE(sender.send(2));
  {
    auto last = std::move(sender);
  }
  EXPECT_EQ(test::block_on(last_of(std::move(receiver))), 2);
}

}  // namespace
}  // namespace weft
