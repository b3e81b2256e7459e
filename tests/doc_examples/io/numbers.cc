// The example in io/numbers.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/numbers.h>

#include <cstdint>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/duplex.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// A message: its size, then its bytes.
Task<Result<void>> send(io::DuplexStream& stream, std::string_view message) {
  const auto size = static_cast<std::uint32_t>(message.size());
  const Result<void> written = co_await io::write_u32(stream, size);
  if (!written) co_return written;
  co_return co_await stream.write_all(message);
}
// [end]

TEST(DocExample, IoNumbers) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(send(near, "hello")));
  EXPECT_EQ(test::block_on(io::read_u32(far)), 5U);
}

}  // namespace
}  // namespace weft
