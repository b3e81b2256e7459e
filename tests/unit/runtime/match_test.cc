// match: docs/spec/task.md T-65.

#include <weft/runtime/match.h>

#include <memory>
#include <utility>
#include <variant>

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(T65, MatchCallsTheFunctionOfTheIndex) {
  using Two = std::variant<int, int, std::monostate>;
  const auto which = [](Two v) {
    return match(
        std::move(v), [](int n) { return n; }, [](int n) { return -n; }, [] { return 100; });
  };
  EXPECT_EQ(which(Two(std::in_place_index<0>, 4)), 4);
  EXPECT_EQ(which(Two(std::in_place_index<1>, 4)), -4);
  EXPECT_EQ(which(Two(std::in_place_index<2>)), 100);
}

TEST(T65, MatchMovesFromAnRvalueAndBorrowsAnLvalue) {
  std::variant<std::unique_ptr<int>, int> v(std::make_unique<int>(5));
  match(v, [](std::unique_ptr<int>& p) { *p += 1; }, [](int&) {});
  std::unique_ptr<int> moved = match(
      std::move(v), [](std::unique_ptr<int> p) { return p; },
      [](int) { return std::unique_ptr<int>(); });
  EXPECT_EQ(*moved, 6);
}

}  // namespace
}  // namespace weft
