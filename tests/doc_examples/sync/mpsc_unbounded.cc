// The example in sync/mpsc_unbounded.h; tools/doc_examples.py keeps the two equal.

#include <weft/sync/mpsc_unbounded.h>

#include <optional>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<int> sum() {
  auto [sender, receiver] = sync::mpsc::unbounded_channel<int>();
  for (int i = 1; i <= 3; ++i) static_cast<void>(sender.send(i));  // never waits
  receiver.close();
  int total = 0;
  while (const std::optional<int> message = co_await receiver.recv()) total += *message;
  co_return total;
}
// [end]

TEST(DocExample, SyncMpscUnbounded) { EXPECT_EQ(test::block_on(sum()), 6); }

}  // namespace
}  // namespace weft
