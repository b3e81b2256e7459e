// The example in io/simplex.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/simplex.h>

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<std::string> through() {
  auto [sender, receiver] = io::simplex(16);
  const Result<void> written = co_await sender.write_all("one way");
  const Result<void> closed = co_await sender.shutdown();
  std::string text;
  const Result<std::size_t> read = co_await receiver.read_to_string(text);
  co_return written&& closed&& read ? text : std::string();
}
// [end]

TEST(DocExample, IoSimplex) { EXPECT_EQ(test::block_on(through()), "one way"); }

}  // namespace
}  // namespace weft
