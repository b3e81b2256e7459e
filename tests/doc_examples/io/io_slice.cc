// The example in io/io_slice.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/io_slice.h>

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/duplex.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<void>> send(io::DuplexStream& to, std::string_view head, std::string_view body) {
  std::array<io::IoSlice, 2> slices{io::IoSlice(head), io::IoSlice(body)};
  co_return co_await to.write_all_vectored(slices);  // in one write, if there is room
}
// [end]

TEST(DocExample, IoIoSlice) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(send(near, "head:", "body")));
  std::string got(9, ' ');
  EXPECT_EQ(test::block_on(far.read(std::span<char>(got))), 9U);
  EXPECT_EQ(got, "head:body");
}

}  // namespace
}  // namespace weft
