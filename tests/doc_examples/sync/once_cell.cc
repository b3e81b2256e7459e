// The example in sync/once_cell.h; tools/doc_examples.py keeps the two equal.

#include <weft/sync/once_cell.h>

#include <string>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

Task<std::string> load() { co_return "config"; }
Task<Result<std::string>> fetch() { co_return std::string("config"); }

// [example]
sync::OnceCell<std::string> config;

Task<std::size_t> use() {
  // load() -> Task<std::string>
  const std::string& loaded = co_await config.get_or_init(load);
  co_return loaded.size();
}
Task<bool> try_use() {
  // fetch() -> Task<Result<std::string>>; an error leaves the cell empty.
  const auto fetched = co_await config.get_or_try_init(fetch);
  co_return fetched.has_value() && **fetched == "config";
}
// [end]

TEST(DocExample, SyncOnceCell) {
  EXPECT_TRUE(test::block_on(try_use()));
  EXPECT_EQ(test::block_on(use()), 6U);
}

}  // namespace
}  // namespace weft
