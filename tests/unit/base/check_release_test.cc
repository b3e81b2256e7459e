// The checks as a release build has them.

#include <gtest/gtest.h>

// Whatever the build type. check.h has no inline code, so this affects this file alone.
#ifndef NDEBUG
#define NDEBUG 1
#endif
#include <weft/base/check.h>

namespace {

TEST(CheckRelease, DebugCheckIsNotEvaluated) {
  int evaluated = 0;
  WEFT_DCHECK(++evaluated == 100);
  WEFT_DCHECK(++evaluated == 100, "never shown");
  EXPECT_EQ(evaluated, 0);
}

TEST(CheckReleaseDeathTest, CheckStays) {
  int evaluated = 0;
  WEFT_CHECK(++evaluated == 1);
  EXPECT_EQ(evaluated, 1);
  EXPECT_DEATH(WEFT_CHECK(evaluated == 2), "check failed: evaluated == 2");
}

}  // namespace
