// The example in testing/block_on.h; tools/doc_examples.py keeps the two equal.

#include <weft/testing/block_on.h>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>

namespace weft {
namespace {

Task<int> fetch() {
  co_await yield_now();
  co_return 7;
}

// [example]
TEST(Fetch, Answers) { EXPECT_EQ(test::block_on(fetch()), 7); }
// [end]

}  // namespace
}  // namespace weft
