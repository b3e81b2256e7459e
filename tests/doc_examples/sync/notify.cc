// The example in sync/notify.h; tools/doc_examples.py keeps the two equal.

#include <weft/sync/notify.h>

#include <gtest/gtest.h>

#include <weft/runtime/join.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
sync::Notify ready;

Task<int> consumer() {
  co_await ready.notified();
  co_return 1;
}
Task<> producer() {
  ready.notify_one();  // kept for the consumer, should it not wait yet
  co_return;
}
// [end]

TEST(DocExample, SyncNotify) {
  const auto [consumed, produced] = test::block_on(join(consumer(), producer()));
  static_cast<void>(produced);
  EXPECT_EQ(consumed, 1);
}

}  // namespace
}  // namespace weft
