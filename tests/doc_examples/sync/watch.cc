// The example in sync/watch.h; tools/doc_examples.py keeps the two equal.

#include <weft/sync/watch.h>

#include <string>

#include <gtest/gtest.h>

#include <weft/runtime/join_handle.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<std::string> follow(sync::watch::Receiver<std::string> config) {
  std::string last = *config.borrow();
  for (;;) {
    const auto changed = co_await config.changed();
    if (!changed) co_return last;  // all senders have gone
    last = *config.borrow_and_update();
  }
}
Task<std::string> change() {
  auto [sender, receiver] = sync::watch::channel<std::string>("first");
  auto following = spawn(follow(std::move(receiver)));
  for (const char* each : {"second", "third"}) static_cast<void>(sender.send(each));
  {
    auto end = std::move(sender);
  }
  const auto last = co_await following;
  co_return last.value();
}
// [end]

TEST(DocExample, SyncWatch) { EXPECT_EQ(test::block_on(change()), "third"); }

}  // namespace
}  // namespace weft
