// The example in io/repeat.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/repeat.h>

#include <span>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<std::size_t>> fill(std::span<char> room) {
  io::Repeat dashes = io::repeat(std::byte{'-'});
  co_return co_await dashes.read_exact(room);
}
// [end]

TEST(DocExample, IoRepeat) {
  std::string line(3, ' ');
  EXPECT_EQ(test::block_on(fill(line)), 3U);
  EXPECT_EQ(line, "---");
}

}  // namespace
}  // namespace weft
