// The example in io/codec/bytes_codec.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/codec/bytes_codec.h>

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(DocExample, IoCodecBytesCodec) {
  // [example]
  io::codec::BytesCodec codec;
  io::BytesMut in("whatever came");
  auto all = codec.decode(in);
  // [end]
  EXPECT_EQ(**all, "whatever came");
  EXPECT_TRUE(in.empty());
}

}  // namespace
}  // namespace weft
