// The example in task/fiber_local.h; tools/doc_examples.py keeps the two equal.

#include <weft/task/fiber_local.h>

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <weft/runtime/yield_now.h>
#include <weft/task/fiber.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
constinit fiber::Local<std::vector<std::string>> open_elements;  // a key, at namespace scope

// Callbacks of a parser, which gives them nothing but the name.
void on_begin(std::string name) { open_elements.get().push_back(std::move(name)); }
void on_end() { open_elements.get().pop_back(); }
// [end]

TEST(DocExample, TaskFiberLocal) {
  const auto depth = test::block_on(fiber::run([] {
    on_begin("a");
    on_begin("b");
    fiber::await(yield_now());
    on_end();
    return open_elements.get().size();
  }));
  EXPECT_EQ(depth, 1u);
}

}  // namespace
}  // namespace weft
