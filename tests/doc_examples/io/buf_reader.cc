// The example in io/buf_reader.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/buf_reader.h>

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/duplex.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<std::string> first_line(io::DuplexStream stream) {
  io::BufReader reader(std::move(stream));
  std::string line;
  const Result<std::size_t> read = co_await reader.read_line(line);
  co_return read ? line : read.error().to_string();
}
// [end]

TEST(DocExample, IoBufReader) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(near.write_all("hello\nworld\n")));
  EXPECT_EQ(test::block_on(first_line(std::move(far))), "hello\n");
}

}  // namespace
}  // namespace weft
