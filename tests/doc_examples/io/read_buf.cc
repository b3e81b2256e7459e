// The example in io/read_buf.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/read_buf.h>

#include <array>
#include <cstring>
#include <span>
#include <utility>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// Puts the letter a as often as there is room.
void fill(io::ReadBuf& buf) {
  const std::span<std::byte> room = buf.unfilled_raw();
  std::memset(room.data(), 'a', room.size());
  buf.assume_init(room.size());
  buf.advance(room.size());
}
// [end]

TEST(DocExample, IoReadBuf) {
  std::array<std::byte, 3> room;
  io::ReadBuf buf = io::ReadBuf::uninit(room);
  fill(buf);
  EXPECT_EQ(buf.filled()[2], std::byte{'a'});
}

}  // namespace
}  // namespace weft
