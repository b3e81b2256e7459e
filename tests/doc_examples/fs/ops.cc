// The example in fs/ops.h; tools/doc_examples.py keeps the two equal.

#include <weft/fs/ops.h>

#include <filesystem>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<std::string>> load_settings(std::filesystem::path path) {
  Result<std::string> text = co_await fs::read_to_string(path);
  if (!text && text.error() == std::errc::no_such_file_or_directory) text = std::string();
  co_return text;
}
// [end]

TEST(DocExample, FsOps) {
  EXPECT_EQ(test::block_on(load_settings("/nonexistent")).value(), "");
  EXPECT_EQ(test::block_on(load_settings("/")).error(), std::errc::is_a_directory);
}

}  // namespace
}  // namespace weft
