// The example in stream/transform.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/transform.h>

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/stream/collect.h>
#include <weft/stream/generator.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

stream::AsyncGenerator<int> count_to(int last) {
  for (int i = 1; i <= last; ++i) co_yield i;
}
Task<std::string> name_of(int number) { co_return "no. " + std::to_string(number); }

// [example]
Task<std::vector<std::string>> names_of_even_numbers() {
  const auto is_even = [](int n) { return n % 2 == 0; };
  auto names = count_to(4) | stream::filter(is_even) | stream::then(name_of);
  co_return co_await stream::collect(std::move(names));
}
// [end]

TEST(DocExample, StreamTransform) {
  EXPECT_EQ(test::block_on(names_of_even_numbers()), (std::vector<std::string>{"no. 2", "no. 4"}));
}

}  // namespace
}  // namespace weft
