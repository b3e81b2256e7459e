// The example in stream/timeout.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/timeout.h>

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
// Counts messages until none has come for ten seconds.
Task<int> until_silent(sync::mpsc::Receiver<int> messages) {
  auto items = stream::timeout(stream::ReceiverStream(std::move(messages)), 10s);
  int count = 0;
  while (const auto item = co_await items.next()) {
    if (!item->has_value()) break;  // Elapsed
    ++count;
  }
  co_return count;
}
// [end]

TEST(DocExample, StreamTimeout) {
  test::PausedRuntime runtime;
  auto [sender, receiver] = sync::mpsc::channel<int>(4);
  EXPECT_TRUE(sender.try_send(1) && sender.try_send(2));
  EXPECT_EQ(runtime.block_on(until_silent(std::move(receiver))), 2);
  EXPECT_EQ(runtime.elapsed(), 10s);
}

}  // namespace
}  // namespace weft
