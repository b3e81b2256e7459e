// The example in io/seek_from.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/seek_from.h>

#include <utility>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
constexpr io::SeekFrom kLastBlock = io::SeekFrom::end(-512);
static_assert(kLastBlock.offset() == -512);
// [end]

TEST(DocExample, IoSeekFrom) { EXPECT_NE(kLastBlock, io::SeekFrom::start(512)); }

}  // namespace
}  // namespace weft
