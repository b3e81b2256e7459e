// The example in stream/combine.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/combine.h>

#include <utility>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/stream/receiver_stream.h>
#include <weft/stream/sources.h>
#include <weft/sync/mpsc.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<int> count_of(sync::mpsc::Receiver<int> a, sync::mpsc::Receiver<int> b) {
  stream::ReceiverStream from_a(std::move(a));
  stream::ReceiverStream from_b(std::move(b));
  auto both = stream::merge(std::move(from_a), std::move(from_b));
  int count = 0;
  while (co_await both.next()) ++count;  // until both channels are closed
  co_return count;
}
// [end]

TEST(DocExample, StreamCombine) {
  auto [sender, receiver] = sync::mpsc::channel<int>(4);
  auto [other_sender, other] = sync::mpsc::channel<int>(4);
  EXPECT_TRUE(sender.try_send(1) && sender.try_send(2) && other_sender.try_send(3));
  receiver.close();
  other.close();
  EXPECT_EQ(test::block_on(count_of(std::move(receiver), std::move(other))), 3);
}

}  // namespace
}  // namespace weft
