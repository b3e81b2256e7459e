// The example in io/codec/length_delimited_codec.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/codec/length_delimited_codec.h>

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(DocExample, IoCodecLengthDelimitedCodec) {
  // [example]
  // A header of two bytes of type and two of length, which counts the header, too; the frame
  // is what follows.
  io::codec::LengthDelimitedCodec codec = io::codec::LengthDelimitedCodec::builder()
                                              .length_field_offset(2)
                                              .length_field_type<std::uint16_t>()
                                              .length_adjustment(-4)
                                              .max_frame_length(1024)
                                              .build();
  io::BytesMut in(std::string_view("ab\0\x09hello", 9));
  auto frame = codec.decode(in);  // "hello"
  // [end]
  EXPECT_EQ(**frame, "hello");
}

}  // namespace
}  // namespace weft
