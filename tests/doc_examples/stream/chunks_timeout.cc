// The example in stream/chunks_timeout.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/chunks_timeout.h>

#include <chrono>
#include <utility>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/stream/receiver_stream.h>
#include <weft/sync/mpsc.h>
#include <weft/testing/paused_runtime.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

// [example]
// Writes in batches of up to 100, and no message waits longer than 50 ms.
Task<int> count_batches(sync::mpsc::Receiver<int> messages) {
  stream::ReceiverStream items(std::move(messages));
  auto batches = stream::chunks_timeout(std::move(items), 100, 50ms);
  int writes = 0;
  while (const auto batch = co_await batches.next()) writes += !batch->empty();
  co_return writes;
}
// [end]

TEST(DocExample, StreamChunksTimeout) {
  test::PausedRuntime runtime;
  auto [sender, receiver] = sync::mpsc::channel<int>(4);
  EXPECT_TRUE(sender.try_send(1) && sender.try_send(2));
  receiver.close();
  EXPECT_EQ(runtime.block_on(count_batches(std::move(receiver))), 1);
}

}  // namespace
}  // namespace weft
