#include <weft/loom/cell.h>

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace {

using weft::loom::Cell;

TEST(Cell, IsAsLargeAsItsValue) {
  static_assert(sizeof(Cell<char>) == 1 && sizeof(Cell<std::string>) == sizeof(std::string));
  static_assert(!std::is_copy_constructible_v<Cell<int>>);
}

TEST(Cell, ReadsAndWritesThroughTheAccessors) {
  Cell<std::string> cell(std::in_place, 2u, 'a');
  cell.with_mut([](std::string& text) { text += "b"; });
  EXPECT_EQ(cell.with([](const std::string& text) { return text; }), "aab");
  EXPECT_EQ(std::as_const(cell).with([](const std::string& text) { return text.size(); }), 3u);
  Cell<int> zero;
  EXPECT_EQ(zero.with([](const int& n) { return n; }), 0);
  Cell<std::unique_ptr<int>> moved(std::make_unique<int>(4));
  const auto taken = moved.with_mut([](auto& pointer) { return std::move(pointer); });
  EXPECT_EQ(*taken, 4);
}

TEST(Cell, AccessorsReturnWhatTheFunctionDoes) {
  Cell<int> cell(3);
  static_assert(std::is_same_v<decltype(cell.with([](const int& n) -> const int& { return n; })),
                               const int&>);
  static_assert(std::is_same_v<decltype(cell.with_mut([](int& n) -> int& { return n; })), int&>);
  static_assert(std::is_void_v<decltype(cell.with_mut([](int&) {}))>);
  // Reading hands out nothing to write to.
  static_assert(
      std::is_same_v<decltype(cell.with([](auto& n) -> decltype(n) { return n; })), const int&>);
}

}  // namespace
