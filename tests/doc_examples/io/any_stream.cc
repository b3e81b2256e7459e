// The example in io/any_stream.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/any_stream.h>

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/empty.h>
#include <weft/io/repeat.h>
#include <weft/io/take.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
io::AnyRead open_source(bool is_empty) {
  if (is_empty) return io::any_read(io::empty());
  return io::any_read(io::take(io::repeat(std::byte{'x'}), 3));
}
// [end]

TEST(DocExample, IoAnyStream) {
  io::AnyRead source = open_source(false);
  std::string text;
  EXPECT_EQ(test::block_on(source.read_to_string(text)), 3U);
  EXPECT_EQ(text, "xxx");
}

}  // namespace
}  // namespace weft
