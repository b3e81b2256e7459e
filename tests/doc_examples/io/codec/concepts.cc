// The example in io/codec/concepts.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/codec/concepts.h>

#include <cstdint>
#include <optional>

#include <gtest/gtest.h>

namespace weft {
namespace {

// [example]
// Numbers of four bytes.
struct Numbers {
  using Item = std::uint32_t;
  Result<std::optional<std::uint32_t>> decode(io::BytesMut& in) {
    if (in.size() < 4) return std::optional<std::uint32_t>();
    return std::optional<std::uint32_t>(in.get_u32());
  }
  Result<void> encode(std::uint32_t number, io::BytesMut& out) {
    out.put_u32(number);
    return {};
  }
};
static_assert(io::codec::Decoder<Numbers> && io::codec::Encoder<Numbers, std::uint32_t>);
// [end]

TEST(DocExample, IoCodecConcepts) {
  Numbers codec;
  io::BytesMut bytes;
  EXPECT_TRUE(codec.encode(7, bytes).has_value());
  EXPECT_EQ(**codec.decode(bytes), 7U);
}

}  // namespace
}  // namespace weft
