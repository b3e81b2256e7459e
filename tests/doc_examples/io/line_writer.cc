// The example in io/line_writer.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/line_writer.h>

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
Task<Result<void>> log(io::DuplexStream& stream) {
  io::LineWriter<io::DuplexStream&> writer(stream);
  const Result<void> begun = co_await writer.write_all("connecting ... ");
  if (!begun) co_return begun;
  co_return co_await writer.write_all("done\n");  // now the whole line is passed on
}
// [end]

TEST(DocExample, IoLineWriter) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(log(near)));
  std::string line(20, ' ');
  EXPECT_EQ(test::block_on(far.read(std::span<char>(line))), 20U);
}

}  // namespace
}  // namespace weft
