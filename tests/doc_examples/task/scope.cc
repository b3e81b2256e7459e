// The example in task/scope.h; tools/doc_examples.py keeps the two equal.

#include <weft/task/scope.h>

#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<> square_one(const int& number, int& square) {
  square = number * number;
  co_return;
}

Task<std::vector<int>> square_all(std::vector<int> numbers) {
  std::vector<int> squares(numbers.size());
  co_await scope([&](Scope& s) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      s.spawn(square_one(numbers[i], squares[i]));
    }
  });
  co_return squares;  // all children have ended
}
// [end]

TEST(DocExample, TaskScope) {
  EXPECT_EQ(test::block_on(square_all({1, 2, 3})), (std::vector<int>{1, 4, 9}));
}

}  // namespace
}  // namespace weft
