// The example in fs/metadata.h; tools/doc_examples.py keeps the two equal.

#include <weft/fs/metadata.h>

#include <cstdint>
#include <filesystem>

#include <gtest/gtest.h>

#include <weft/fs/ops.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<std::uint64_t> size_of_file(std::filesystem::path path) {
  Result<fs::Metadata> facts = co_await fs::metadata(path);
  if (!facts || !facts->is_file()) co_return 0;
  co_return facts->size();
}
// [end]

TEST(DocExample, FsMetadata) {
  EXPECT_EQ(test::block_on(size_of_file("/")), 0U);
  EXPECT_GT(test::block_on(size_of_file("/proc/self/exe")), 0U);
}

}  // namespace
}  // namespace weft
