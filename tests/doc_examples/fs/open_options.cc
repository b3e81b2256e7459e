// The example in fs/open_options.h; tools/doc_examples.py keeps the two equal.

#include <weft/fs/open_options.h>

#include <filesystem>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include <weft/fs/file.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<fs::File>> open_log(std::filesystem::path path) {
  fs::OpenOptions options;
  co_return co_await options.append(true).create(true).mode(0600).open(path);
}
// [end]

TEST(DocExample, FsOpenOptions) {
  const auto path =
      std::filesystem::temp_directory_path() / ("weft-doc-options-" + std::to_string(::getpid()));
  EXPECT_TRUE(test::block_on(open_log(path)));
  EXPECT_TRUE(std::filesystem::exists(path));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace weft
