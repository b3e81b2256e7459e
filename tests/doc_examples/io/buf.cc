// The example in io/buf.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/buf.h>

#include <cstddef>
#include <string_view>

#include <gtest/gtest.h>

#include <weft/io/buf_adapters.h>

namespace weft {
namespace {

// [example]
// Of bytes in one piece or in several.
template <io::Buf B>
std::size_t sum(B& bytes) {
  std::size_t total = 0;
  while (bytes.remaining() > 0) {
    for (const std::byte b : bytes.chunk()) total += std::to_integer<std::size_t>(b);
    bytes.advance(bytes.chunk().size());
  }
  return total;
}
// [end]

TEST(DocExample, IoBuf) {
  io::SpanBuf bytes(std::string_view("\x01\x02\x03"));
  EXPECT_EQ(sum(bytes), 6U);
}

}  // namespace
}  // namespace weft
