// The example in io/inspect.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/inspect.h>

#include <span>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/duplex.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<std::size_t> count_bytes(io::DuplexStream stream) {
  std::size_t seen = 0;
  auto count = [&seen](std::span<const std::byte> part) { seen += part.size(); };
  io::InspectReader reader(std::move(stream), count);
  std::string text;
  const Result<std::size_t> read = co_await reader.read_to_string(text);
  co_return read ? seen : 0;
}
// [end]

TEST(DocExample, IoInspect) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(near.write_all("hello")));
  EXPECT_TRUE(test::block_on(near.shutdown()));
  EXPECT_EQ(test::block_on(count_bytes(std::move(far))), 5U);
}

}  // namespace
}  // namespace weft
