// The example in io/take.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/take.h>

#include <cstdint>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/duplex.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// The body of a message whose head has named its size.
Task<Result<std::string>> body(io::DuplexStream& stream, std::uint64_t size) {
  auto part = io::take(stream, size);
  std::string text;
  const Result<std::size_t> read = co_await part.read_to_string(text);
  if (!read) co_return Err(read.error());
  co_return text;
}
// [end]

TEST(DocExample, IoTake) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(near.write_all("hello, next message")));
  EXPECT_EQ(test::block_on(body(far, 5)), std::string("hello"));
}

}  // namespace
}  // namespace weft
