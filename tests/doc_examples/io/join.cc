// The example in io/join.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/join.h>

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
Task<Result<void>> talk(io::DuplexStream in, io::DuplexStream out) {
  auto both = io::join(std::move(in), std::move(out));
  std::array<char, 2> question{};
  const Result<std::size_t> read = co_await both.read_exact(std::span<char>(question));
  if (!read) co_return Err(read.error());
  co_return co_await both.write_all("yes");
}
// [end]

TEST(DocExample, IoJoin) {
  auto [asks, in] = io::duplex(8);
  auto [hears, out] = io::duplex(8);
  EXPECT_TRUE(test::block_on(asks.write_all("ok")));
  EXPECT_TRUE(test::block_on(talk(std::move(in), std::move(out))));
}

}  // namespace
}  // namespace weft
