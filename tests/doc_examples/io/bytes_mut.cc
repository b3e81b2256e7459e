// The example in io/bytes_mut.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/bytes_mut.h>

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(DocExample, IoBytesMut) {
  // [example]
  io::BytesMut buffer = io::BytesMut::with_capacity(1024);
  buffer.put_u16(5);
  buffer.extend("hello");
  io::Bytes frame = buffer.split().freeze();  // the room behind it stays with the buffer
  buffer.extend("world");
  // [end]
  EXPECT_EQ(frame.get_u16(), 5);
  EXPECT_EQ(frame, "hello");
  EXPECT_EQ(buffer, "world");
}

}  // namespace
}  // namespace weft
