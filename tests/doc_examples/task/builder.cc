// The example in task/builder.h; tools/doc_examples.py keeps the two equal.

#include <weft/task/builder.h>

#include <string>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

Task<int> accept_all() { co_return 3; }

// [example]
Task<std::string> named() {
  auto handle = task::Builder().name("accept loop").spawn(accept_all()).value();
  const std::string name(handle.name());
  const auto accepted = co_await handle;
  co_return name + ": " + std::to_string(accepted.value());
}
// [end]

TEST(DocExample, TaskBuilder) { EXPECT_EQ(test::block_on(named()), "accept loop: 3"); }

}  // namespace
}  // namespace weft
