// The example in io/buf_writer.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/buf_writer.h>

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
Task<Result<void>> write_table(io::DuplexStream& stream) {
  io::BufWriter<io::DuplexStream&> writer(stream);
  for (int i = 0; i < 3; ++i) {
    const std::string row = std::to_string(i) + "\n";
    const Result<void> written = co_await writer.write_all(row);
    if (!written) co_return written;
  }
  co_return co_await writer.flush();  // all three in one write
}
// [end]

TEST(DocExample, IoBufWriter) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(write_table(near)));
  std::string rows(6, '#');
  EXPECT_EQ(test::block_on(far.read(std::span<char>(rows))), 6U);
  EXPECT_EQ(rows, "0\n1\n2\n");
}

}  // namespace
}  // namespace weft
