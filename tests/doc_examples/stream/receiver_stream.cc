// The example in stream/receiver_stream.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/receiver_stream.h>

#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/stream/collect.h>
#include <weft/stream/limit.h>
#include <weft/sync/mpsc.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<std::vector<int>> first_two(sync::mpsc::Receiver<int> numbers) {
  co_return co_await (stream::ReceiverStream(std::move(numbers)) | stream::take(2) |
                      stream::collect());
}
// [end]

TEST(DocExample, StreamReceiverStream) {
  auto [sender, receiver] = sync::mpsc::channel<int>(4);
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(sender.try_send(i));
  EXPECT_EQ(test::block_on(first_two(std::move(receiver))), (std::vector{1, 2}));
}

}  // namespace
}  // namespace weft
