// The example in io/empty.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/empty.h>

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<bool> is_at_its_end() {
  io::Empty nothing = io::empty();
  std::string text;
  const Result<std::size_t> read = co_await nothing.read_to_string(text);
  co_return read == 0U;
}
// [end]

TEST(DocExample, IoEmpty) { EXPECT_TRUE(test::block_on(is_at_its_end())); }

}  // namespace
}  // namespace weft
