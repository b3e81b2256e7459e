// The example in io/members.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/members.h>

#include <cstdint>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/read_buf.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
class Ones : public io::ReadMembers<Ones> {
 public:
  Poll<Result<void>> poll_read(Context&, io::ReadBuf& buf) {
    for (std::byte& byte : buf.initialize_unfilled()) byte = std::byte{1};
    buf.advance(buf.remaining());
    return Result<void>();
  }
};

Task<Result<std::uint16_t>> two_ones() {
  Ones ones;
  co_return co_await ones.read_u16();
}
// [end]

TEST(DocExample, IoMembers) { EXPECT_EQ(test::block_on(two_ones()), 0x0101); }

}  // namespace
}  // namespace weft
