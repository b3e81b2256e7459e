// The example in stream/lines_stream.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/lines_stream.h>

#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/base/result.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// Stands for io::Lines: "1", "2", ..., and the end.
class Lines {
 public:
  Task<Result<std::optional<std::string>>> next_line() {
    if (count_ == 3) co_return std::optional<std::string>();
    co_return std::optional<std::string>(std::to_string(++count_));
  }

 private:
  int count_ = 0;
};

// [example]
template <class Lines>
Task<Result<int>> count_lines(Lines text) {
  stream::LinesStream lines(std::move(text));
  int count = 0;
  while (const auto line = co_await lines.next()) {
    if (!*line) co_return Err(line->error());
    ++count;
  }
  co_return count;
}
// [end]

TEST(DocExample, StreamLinesStream) { EXPECT_EQ(*test::block_on(count_lines(Lines())), 3); }

}  // namespace
}  // namespace weft
