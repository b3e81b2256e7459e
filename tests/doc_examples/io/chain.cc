// The example in io/chain.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/chain.h>

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/duplex.h>
#include <weft/io/repeat.h>
#include <weft/io/take.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<std::string> with_header(io::DuplexStream body) {
  auto header = io::take(io::repeat(std::byte{'='}), 4);
  auto whole = io::chain(std::move(header), std::move(body));
  std::string text;
  const Result<std::size_t> read = co_await whole.read_to_string(text);
  co_return read ? text : std::string();
}
// [end]

TEST(DocExample, IoChain) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(near.write_all("body")));
  EXPECT_TRUE(test::block_on(near.shutdown()));
  EXPECT_EQ(test::block_on(with_header(std::move(far))), "====body");
}

}  // namespace
}  // namespace weft
