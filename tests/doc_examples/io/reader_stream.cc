// The example in io/reader_stream.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/reader_stream.h>

#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/duplex.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<std::size_t> total(io::DuplexStream stream) {
  io::ReaderStream chunks(std::move(stream));
  std::size_t size = 0;
  while (std::optional<Result<io::Bytes>> chunk = co_await chunks.next()) {
    if (*chunk) size += (*chunk)->size();
  }
  co_return size;
}
// [end]

TEST(DocExample, IoReaderStream) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(near.write_all("hello")));
  EXPECT_TRUE(test::block_on(near.shutdown()));
  EXPECT_EQ(test::block_on(total(std::move(far))), 5U);
}

}  // namespace
}  // namespace weft
