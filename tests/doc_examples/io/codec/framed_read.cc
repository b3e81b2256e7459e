// The example in io/codec/framed_read.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/codec/framed_read.h>

#include <cstddef>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/buf_adapters.h>
#include <weft/io/codec/lines_codec.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
template <class Reader>
Task<std::size_t> count_lines(Reader reader) {
  io::codec::FramedRead lines(std::move(reader), io::codec::LinesCodec());
  std::size_t count = 0;
  while (auto line = co_await lines.next()) count += line->has_value() ? 1 : 0;
  co_return count;
}
// [end]

TEST(DocExample, IoCodecFramedRead) {
  EXPECT_EQ(test::block_on(count_lines(io::reader(io::SpanBuf("one\ntwo\nthree")))), 3U);
}

}  // namespace
}  // namespace weft
