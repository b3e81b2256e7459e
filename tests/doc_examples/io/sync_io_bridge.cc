// The example in io/sync_io_bridge.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/sync_io_bridge.h>

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/duplex.h>
#include <weft/runtime/spawn.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// For instance the parser of another library.
std::size_t parse(io::SyncIoBridge<io::DuplexStream> input) {
  std::string text;
  return input.read_to_string(text).value_or(0);
}

Task<std::size_t> parse_elsewhere(io::DuplexStream stream) {
  io::SyncIoBridge bridge(std::move(stream));
  JoinResult<std::size_t> size = co_await spawn_blocking(parse, std::move(bridge));
  co_return size.value_or(0);
}
// [end]

TEST(DocExample, IoSyncIoBridge) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(near.write_all("hello")));
  EXPECT_TRUE(test::block_on(near.shutdown()));
  EXPECT_EQ(test::block_on(parse_elsewhere(std::move(far))), 5U);
}

}  // namespace
}  // namespace weft
