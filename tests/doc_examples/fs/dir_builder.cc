// The example in fs/dir_builder.h; tools/doc_examples.py keeps the two equal.

#include <weft/fs/dir_builder.h>

#include <filesystem>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<void>> make_cache(std::filesystem::path home) {
  fs::DirBuilder builder;
  co_return co_await builder.recursive(true).mode(0700).create(home / "state" / "cache");
}
// [end]

TEST(DocExample, FsDirBuilder) {
  const auto path =
      std::filesystem::temp_directory_path() / ("weft-doc-dirs-" + std::to_string(::getpid()));
  EXPECT_TRUE(test::block_on(make_cache(path)));
  EXPECT_TRUE(std::filesystem::is_directory(path / "state" / "cache"));
  std::filesystem::remove_all(path);
}

}  // namespace
}  // namespace weft
