// The example in net/pipe.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/pipe.h>

#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <weft/base/result.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
// What goes into a pipe comes out of it, up to the end.
Task<Result<std::string>> through_a_pipe(std::string_view text) {
  auto ends = net::pipe::pipe();
  if (!ends) co_return Err(ends.error());
  auto& [sender, receiver] = *ends;
  const Result<void> sent = co_await sender.write_all(text);
  if (!sent) co_return Err(sent.error());
  if (const Result<void> closed = sender.close(); !closed) co_return Err(closed.error());
  std::string received;
  const Result<std::size_t> read = co_await receiver.read_to_string(received);
  if (!read) co_return Err(read.error());
  co_return received;
}
// [end]

TEST(DocExample, NetPipe) { EXPECT_EQ(test::block_on(through_a_pipe("hello")), "hello"); }

}  // namespace
}  // namespace weft
