// The example in io/duplex.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/duplex.h>

#include <span>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<std::string> ping() {
  auto [here, there] = io::duplex(64);
  const Result<void> written = co_await here.write_all("ping");
  std::string got(4, ' ');
  const Result<std::size_t> read = co_await there.read_exact(std::span<char>(got));
  co_return written&& read ? got : std::string();
}
// [end]

TEST(DocExample, IoDuplex) { EXPECT_EQ(test::block_on(ping()), "ping"); }

}  // namespace
}  // namespace weft
