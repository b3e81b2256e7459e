// The example in task/join_map.h; tools/doc_examples.py keeps the two equal.

#include <weft/task/join_map.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

Task<int> ping(std::string host) { co_return static_cast<int>(host.size()); }

// [example]
Task<std::string> fastest(std::vector<std::string> hosts) {
  JoinMap<std::string, int> checks;
  for (const std::string& host : hosts) checks.spawn(host, ping, host);
  checks.abort("slow.example");
  for (;;) {
    auto next = co_await checks.join_next();
    if (!next) co_return "none";
    if (next->second) co_return next->first;  // the others are aborted with the map
  }
}
// [end]

TEST(DocExample, TaskJoinMap) { EXPECT_EQ(test::block_on(fastest({"slow.example", "b"})), "b"); }

}  // namespace
}  // namespace weft
