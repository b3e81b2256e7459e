#include <weft/base/cache_line.h>

#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <utility>

namespace {

using weft::CachePadded;

TEST(CachePadded, NeighboursShareNoRange) {
  CachePadded<int> two[2];
  const auto a = reinterpret_cast<std::uintptr_t>(&two[0].value);
  const auto b = reinterpret_cast<std::uintptr_t>(&two[1].value);
  EXPECT_EQ(a % weft::kFalseSharingRange, 0u);
  EXPECT_EQ(b - a, weft::kFalseSharingRange);
  static_assert(weft::kFalseSharingRange % weft::kCacheLine == 0);
}

TEST(CachePadded, IsReachedLikeAPointer) {
  CachePadded<std::string> text(std::in_place, 3u, 'x');
  EXPECT_EQ(*text, "xxx");
  *text += "y";
  EXPECT_EQ(text->size(), 4u);
  EXPECT_EQ(std::as_const(text)->size(), 4u);
  EXPECT_EQ(*std::as_const(text), "xxxy");
  EXPECT_EQ(*CachePadded<int>(), 0);
}

}  // namespace
