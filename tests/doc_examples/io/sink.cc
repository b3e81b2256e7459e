// The example in io/sink.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/sink.h>

#include <cstdint>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/copy.h>
#include <weft/io/duplex.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<std::uint64_t>> size_of(io::DuplexStream stream) {
  io::Sink nowhere = io::sink();
  co_return co_await io::copy(stream, nowhere);
}
// [end]

TEST(DocExample, IoSink) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(near.write_all("hello")));
  EXPECT_TRUE(test::block_on(near.shutdown()));
  EXPECT_EQ(test::block_on(size_of(std::move(far))), 5U);
}

}  // namespace
}  // namespace weft
