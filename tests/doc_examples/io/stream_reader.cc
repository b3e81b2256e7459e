// The example in io/stream_reader.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/stream_reader.h>

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/duplex.h>
#include <weft/io/reader_stream.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// The bytes of all chunks, as lines.
Task<std::string> second_line(io::ReaderStream<io::DuplexStream> chunks) {
  auto lines = io::StreamReader(std::move(chunks)).lines();
  const auto first = co_await lines.next_line();
  const auto second = co_await lines.next_line();
  co_return first&& second && *second ? **second : std::string();
}
// [end]

TEST(DocExample, IoStreamReader) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(near.write_all("a\nb\nc\n")));
  EXPECT_EQ(test::block_on(second_line(io::ReaderStream(std::move(far), 1))), "b");
}

}  // namespace
}  // namespace weft
