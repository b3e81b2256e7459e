// The example in task/task_local.h; tools/doc_examples.py keeps the two equal.

#include <weft/task/task_local.h>

#include <string>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
constinit TaskLocal<int> request_id;  // a key, at namespace scope

std::string log_line(std::string s) { return std::to_string(request_id.get()) + " " + s; }

Task<std::string> handle() { co_return log_line("accepted"); }

Task<std::string> serve(int id) { co_return co_await request_id.scope(id, handle()); }
// [end]

TEST(DocExample, TaskTaskLocal) {
  EXPECT_EQ(test::block_on(serve(7)), "7 accepted");
  EXPECT_FALSE(request_id.try_get().has_value());
}

}  // namespace
}  // namespace weft
