// The example in sync/mpsc.h; tools/doc_examples.py keeps the two equal.

#include <weft/sync/mpsc.h>

#include <optional>

#include <gtest/gtest.h>

#include <weft/runtime/join_handle.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<> produce(sync::mpsc::Sender<int> sender) {  // may be copied; each copy may send
  for (int i = 1; i <= 100; ++i) {
    const auto sent = co_await sender.send(i);  // waits while the channel is full
    if (!sent) co_return;                       // the receiver has gone
  }
}
Task<int> consume() {
  auto [sender, receiver] = sync::mpsc::channel<int>(16);
  auto producing = spawn(produce(std::move(sender)));
  int sum = 0;
  while (const std::optional<int> message = co_await receiver.recv()) sum += *message;
  co_return sum;  // all senders have gone
}
// [end]

TEST(DocExample, SyncMpsc) { EXPECT_EQ(test::block_on(consume()), 5050); }

}  // namespace
}  // namespace weft
