// The example in io/sink_writer.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/sink_writer.h>

#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <weft/io/bytes.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
struct Messages {
  Task<Result<void>> send(io::Bytes message) {
    all.push_back(std::move(message));
    co_return Result<void>();
  }
  Task<Result<void>> flush() { co_return Result<void>(); }
  Task<Result<void>> close() { co_return Result<void>(); }
  std::vector<io::Bytes> all;
};

Task<Result<void>> write_two(Messages& messages) {
  io::SinkWriter writer{io::CopyToBytes<Messages&>(messages)};
  const Result<void> first = co_await writer.write_all("one");
  const Result<void> second = co_await writer.write_all("two");
  if (!first || !second) co_return first ? second : first;
  co_return co_await writer.flush();
}
// [end]

TEST(DocExample, IoSinkWriter) {
  Messages messages;
  EXPECT_TRUE(test::block_on(write_two(messages)));
  ASSERT_EQ(messages.all.size(), 2U);
  EXPECT_EQ(messages.all[1].as_string_view(), "two");
}

}  // namespace
}  // namespace weft
