// The example in sync/oneshot.h; tools/doc_examples.py keeps the two equal.

#include <weft/sync/oneshot.h>

#include <gtest/gtest.h>

#include <weft/runtime/join_handle.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<> compute(sync::oneshot::Sender<int> answer) {
  if (answer.is_closed()) co_return;  // nobody waits any more
  static_cast<void>(answer.send(42));
}
Task<int> ask() {
  auto [sender, receiver] = sync::oneshot::channel<int>();
  auto computing = spawn(compute(std::move(sender)));
  const auto answer = co_await receiver;
  co_return answer.value_or(0);  // an error: the sender went away without sending
}
// [end]

TEST(DocExample, SyncOneshot) { EXPECT_EQ(test::block_on(ask()), 42); }

}  // namespace
}  // namespace weft
