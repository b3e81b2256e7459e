// The example in io/buf_adapters.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/buf_adapters.h>

#include <cstdint>

#include <gtest/gtest.h>

#include <weft/io/bytes.h>

namespace weft {
namespace {

TEST(DocExample, IoBufAdapters) {
  // [example]
  io::Bytes head = io::Bytes::from_static("\x01\x02");
  io::Bytes body = io::Bytes::from_static("\x03\x04more");
  auto packet = head.chain(body);           // nothing is copied
  std::uint32_t number = packet.get_u32();  // 0x01020304, out of both
  auto part = packet.take(2);               // "mo"
  // [end]
  EXPECT_EQ(number, 0x01020304U);
  EXPECT_EQ(part.remaining(), 2U);
}

}  // namespace
}  // namespace weft
