// The example in io/codec/any_delimiter_codec.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/codec/any_delimiter_codec.h>

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(DocExample, IoCodecAnyDelimiterCodec) {
  // [example]
  io::codec::AnyDelimiterCodec codec(",;", ";");
  io::BytesMut in("a,b;c");
  auto a = codec.decode(in);
  auto b = codec.decode(in);
  auto c = codec.decode_eof(in);  // ends with the stream
  // [end]
  EXPECT_EQ(**a, "a");
  EXPECT_EQ(**b, "b");
  EXPECT_EQ(**c, "c");
}

}  // namespace
}  // namespace weft
