// The example in io/codec/framed_write.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/codec/framed_write.h>

#include <utility>

#include <gtest/gtest.h>

#include <weft/io/buf_adapters.h>
#include <weft/io/codec/lines_codec.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// Both lines go out in one write.
template <class Writer>
Task<Result<void>> greet(Writer writer) {
  io::codec::FramedWrite lines(std::move(writer), io::codec::LinesCodec());
  const Result<void> fed = co_await lines.feed("hello");
  if (!fed) co_return fed;
  co_return co_await lines.send("world");
}
// [end]

TEST(DocExample, IoCodecFramedWrite) {
  io::BytesMut out;
  EXPECT_TRUE(test::block_on(greet(io::writer(out))).has_value());
  EXPECT_EQ(out, "hello\nworld\n");
}

}  // namespace
}  // namespace weft
