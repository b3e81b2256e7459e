// The example in io/read_to_end.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/read_to_end.h>

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/duplex.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<std::string>> whole(io::DuplexStream stream) {
  std::string text;
  const Result<std::size_t> read = co_await io::read_to_string(stream, text);
  if (!read) co_return Err(read.error());
  co_return text;
}
// [end]

TEST(DocExample, IoReadToEnd) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(near.write_all("hello")));
  EXPECT_TRUE(test::block_on(near.shutdown()));
  EXPECT_EQ(test::block_on(whole(std::move(far))), std::string("hello"));
}

}  // namespace
}  // namespace weft
