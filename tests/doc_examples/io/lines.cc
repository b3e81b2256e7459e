// The example in io/lines.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/lines.h>

#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/buf_reader.h>
#include <weft/io/duplex.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<int> count_lines(io::DuplexStream stream) {
  auto lines = io::BufReader(std::move(stream)).lines();
  int count = 0;
  while (std::optional<Result<std::string>> line = co_await lines.next()) {
    if (*line) ++count;
  }
  co_return count;
}
// [end]

TEST(DocExample, IoLines) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(near.write_all("a\nb\r\nc")));
  EXPECT_TRUE(test::block_on(near.shutdown()));
  EXPECT_EQ(test::block_on(count_lines(std::move(far))), 3);
}

}  // namespace
}  // namespace weft
