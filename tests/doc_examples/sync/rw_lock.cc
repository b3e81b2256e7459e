// The example in sync/rw_lock.h; tools/doc_examples.py keeps the two equal.

#include <weft/sync/rw_lock.h>

#include <map>
#include <string>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
sync::RwLock<std::map<std::string, int>> routes;

Task<int> find(std::string name) {
  auto reading = co_await routes.read();  // beside other readers
  const auto found = reading->find(name);
  co_return found != reading->end() ? found->second : 0;
}
Task<> add(std::string name, int target) {
  auto writing = co_await routes.write();  // alone
  (*writing)[std::move(name)] = target;
}
// [end]

TEST(DocExample, SyncRwLock) {
  EXPECT_EQ(test::block_on(find("home")), 0);
  test::block_on(add("home", 7));
  EXPECT_EQ(test::block_on(find("home")), 7);
}

}  // namespace
}  // namespace weft
