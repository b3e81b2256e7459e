// The example in io/write.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/write.h>

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/duplex.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<void>> answer(io::DuplexStream& stream) {
  const Result<void> written = co_await io::write_all(stream, "200 ok\n");
  if (!written) co_return written;
  co_return co_await io::shutdown(stream);
}
// [end]

TEST(DocExample, IoWrite) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(answer(near)));
  std::string text;
  EXPECT_EQ(test::block_on(far.read_to_string(text)), 7U);
}

}  // namespace
}  // namespace weft
