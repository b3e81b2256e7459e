// The example in io/read.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/read.h>

#include <array>
#include <span>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/duplex.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<std::array<char, 4>>> magic_number(io::DuplexStream& stream) {
  std::array<char, 4> magic{};
  const Result<std::size_t> read = co_await io::read_exact(stream, std::span<char>(magic));
  if (!read) co_return Err(read.error());
  co_return magic;
}
// [end]

TEST(DocExample, IoRead) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(
      test::block_on(near.write_all("\x7F"
                                    "ELF...")));
  EXPECT_EQ(test::block_on(magic_number(far))->at(1), 'E');
}

}  // namespace
}  // namespace weft
