// The example in io/concepts.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/concepts.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/read.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// An endless source of zeroes.
struct Zeroes {
  Poll<Result<void>> poll_read(Context&, io::ReadBuf& buf) {
    const std::span<std::byte> room = buf.initialize_unfilled();
    std::fill(room.begin(), room.end(), std::byte{0});
    buf.advance(room.size());
    return Result<void>();
  }
};
static_assert(io::AsyncRead<Zeroes> && !io::AsyncWrite<Zeroes>);
// [end]

TEST(DocExample, IoConcepts) {
  Zeroes zeroes;
  std::array<std::byte, 4> room{std::byte{1}};
  EXPECT_EQ(test::block_on(io::read_exact(zeroes, room)), 4U);
  EXPECT_EQ(room[0], std::byte{0});
}

}  // namespace
}  // namespace weft
