// The example in io/split.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/split.h>

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/duplex.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<> write_dots(io::WriteHalf<io::DuplexStream> writer) {
  for (int i = 0; i < 3; ++i) static_cast<void>(co_await writer.write_all("."));
  static_cast<void>(co_await writer.shutdown());
}

Task<std::size_t> both_ways(io::DuplexStream stream) {
  auto [reader, writer] = io::split(std::move(stream));
  JoinHandle<void> writing = spawn(write_dots(std::move(writer)));
  std::string text;
  const Result<std::size_t> read = co_await reader.read_to_string(text);
  static_cast<void>(co_await writing);
  co_return read.value_or(0);
}
// [end]

TEST(DocExample, IoSplit) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(near.write_all("hello")));
  EXPECT_TRUE(test::block_on(near.shutdown()));
  EXPECT_EQ(test::block_on(both_ways(std::move(far))), 5U);
  std::string dots;
  EXPECT_EQ(test::block_on(near.read_to_string(dots)), 3U);
}

}  // namespace
}  // namespace weft
