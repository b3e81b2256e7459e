// The example in stream/collect.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/collect.h>

#include <set>
#include <string>

#include <gtest/gtest.h>

#include <weft/base/result.h>
#include <weft/runtime/task.h>
#include <weft/stream/sources.h>
#include <weft/stream/transform.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Result<int> digit(char c) {
  if (c < '0' || c > '9') return Err(Errc::invalid_data);
  return c - '0';
}
Task<Result<std::set<int>>> digits_of(std::string text) {
  co_return co_await (stream::iter(text) | stream::map(digit) |
                      stream::collect<Result<std::set<int>>>());  // up to the first error
}
// [end]

TEST(DocExample, StreamCollect) {
  EXPECT_EQ(*test::block_on(digits_of("3133")), (std::set{1, 3}));
  EXPECT_EQ(test::block_on(digits_of("1x")).error(), Errc::invalid_data);
}

}  // namespace
}  // namespace weft
