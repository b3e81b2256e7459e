// The example in fs/back_end.h; tools/doc_examples.py keeps the two equal.

#include <weft/fs/back_end.h>

#include <string_view>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<std::string_view> describe_files() {
  const bool by_ring = fs::back_end() == fs::BackEnd::kIoUring;
  co_return by_ring ? "files: io_uring" : "files: blocking pool";
}
// [end]

TEST(DocExample, FsBackEnd) {
  EXPECT_TRUE(test::block_on(describe_files()).starts_with("files: "));
}

}  // namespace
}  // namespace weft
