#include <weft/loom/model_size.h>

#include <gtest/gtest.h>

namespace weft::loom {
namespace {

TEST(TE30, ConstantsAreSmallOnlyUnderTheChecker) { EXPECT_EQ(model_size(256, 4), 256); }

}  // namespace
}  // namespace weft::loom
