// The example in io/codec/lines_codec.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/codec/lines_codec.h>

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(DocExample, IoCodecLinesCodec) {
  // [example]
  io::codec::LinesCodec codec = io::codec::LinesCodec::with_max_length(80);
  io::BytesMut in("hello\r\nwor");
  auto line = codec.decode(in);      // "hello"
  auto rest = codec.decode(in);      // nothing yet
  auto last = codec.decode_eof(in);  // "wor", if that was all
  // [end]
  EXPECT_EQ(**line, "hello");
  EXPECT_FALSE(rest->has_value());
  EXPECT_EQ(**last, "wor");
}

}  // namespace
}  // namespace weft
