// The example in sync/mpsc_bounded.h; tools/doc_examples.py keeps the two equal.

#include <weft/sync/mpsc_bounded.h>

#include <chrono>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

// [example]
Task<int> try_all(sync::mpsc::Sender<int> sender) {
  int sent = 0;
  if (sender.try_send(1)) ++sent;  // fails if the channel is full
  const auto late = co_await sender.send_timeout(2, 10ms);
  if (late) ++sent;
  if (!late && late.error().is_timeout()) co_return sent;  // late.error().value is the 2
  co_return -1;
}
// [end]

TEST(DocExample, SyncMpscBounded) {
  auto [sender, receiver] = sync::mpsc::channel<int>(1);
  EXPECT_EQ(test::block_on(try_all(sender)), 1);
}

}  // namespace
}  // namespace weft
