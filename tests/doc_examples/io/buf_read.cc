// The example in io/buf_read.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/buf_read.h>

#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <weft/io/buf_reader.h>
#include <weft/io/duplex.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// Reads up to and with the next semicolon.
Task<Result<std::vector<std::byte>>> statement(io::BufReader<io::DuplexStream>& reader) {
  std::vector<std::byte> bytes;
  const Result<std::size_t> read = co_await io::read_until(reader, std::byte{';'}, bytes);
  if (!read) co_return Err(read.error());
  co_return bytes;
}
// [end]

TEST(DocExample, IoBufRead) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(near.write_all("a = 1; b")));
  io::BufReader<io::DuplexStream> reader(std::move(far));
  EXPECT_EQ(test::block_on(statement(reader))->size(), 6U);
}

}  // namespace
}  // namespace weft
