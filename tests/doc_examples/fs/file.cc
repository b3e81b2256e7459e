// The example in fs/file.h; tools/doc_examples.py keeps the two equal.

#include <weft/fs/file.h>

#include <filesystem>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<void>> save(std::filesystem::path path, std::string text) {
  Result<fs::File> file = co_await fs::File::create(path);
  if (!file) co_return Err(file.error());
  Result<void> written = co_await file->write_all(text);
  if (!written) co_return written;
  co_return co_await std::move(*file).close();
}
// [end]

TEST(DocExample, FsFile) {
  const auto path =
      std::filesystem::temp_directory_path() / ("weft-doc-file-" + std::to_string(::getpid()));
  EXPECT_TRUE(test::block_on(save(path, "hello")));
  EXPECT_EQ(std::filesystem::file_size(path), 5U);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace weft
