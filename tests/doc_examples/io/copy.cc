// The example in io/copy.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/copy.h>

#include <cstdint>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/duplex.h>
#include <weft/io/split.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<std::uint64_t>> echo(io::DuplexStream stream) {
  auto [reader, writer] = io::split(std::move(stream));
  co_return co_await io::copy(reader, writer);
}
// [end]

TEST(DocExample, IoCopy) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(near.write_all("hello")));
  EXPECT_TRUE(test::block_on(near.shutdown()));
  EXPECT_EQ(test::block_on(echo(std::move(far))), 5U);
}

}  // namespace
}  // namespace weft
