// The example in sync/set_once.h; tools/doc_examples.py keeps the two equal.

#include <weft/sync/set_once.h>

#include <string>

#include <gtest/gtest.h>

#include <weft/runtime/join.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
sync::SetOnce<std::string> config;

Task<std::size_t> use() {
  const std::string& loaded = co_await config.wait();
  co_return loaded.size();
}
Task<bool> load() {
  const auto set = config.set("config");
  co_return set.has_value();  // false: it had been set before
}
// [end]

TEST(DocExample, SyncSetOnce) {
  const auto [size, was_first] = test::block_on(join(use(), load()));
  EXPECT_EQ(size, 6U);
  EXPECT_TRUE(was_first);
}

}  // namespace
}  // namespace weft
