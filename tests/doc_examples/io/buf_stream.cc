// The example in io/buf_stream.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/buf_stream.h>

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/io/duplex.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<void>> greet(io::DuplexStream stream) {
  io::BufStream buffered(std::move(stream), 256, 256);
  std::string name;
  const Result<std::size_t> read = co_await buffered.read_line(name);
  if (!read) co_return Err(read.error());
  const Result<void> written = co_await buffered.write_all("hello " + name);
  if (!written) co_return written;
  co_return co_await buffered.flush();
}
// [end]

TEST(DocExample, IoBufStream) {
  auto [near, far] = io::duplex(64);
  EXPECT_TRUE(test::block_on(near.write_all("you\n")));
  EXPECT_TRUE(test::block_on(greet(std::move(far))));
  std::string answer;
  EXPECT_TRUE(test::block_on(near.read_to_string(answer)));
  EXPECT_EQ(answer, "hello you\n");
}

}  // namespace
}  // namespace weft
