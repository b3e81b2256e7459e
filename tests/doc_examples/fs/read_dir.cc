// The example in fs/read_dir.h; tools/doc_examples.py keeps the two equal.

#include <weft/fs/read_dir.h>

#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<std::set<std::string>>> list(std::filesystem::path path) {
  std::set<std::string> names;
  Result<fs::ReadDir> dir = co_await fs::read_dir(path);
  if (!dir) co_return Err(dir.error());
  for (;;) {
    Result<std::optional<fs::DirEntry>> entry = co_await dir->next_entry();
    if (!entry) co_return Err(entry.error());
    if (!*entry) co_return names;
    names.insert((*entry)->file_name());
  }
}
// [end]

TEST(DocExample, FsReadDir) { EXPECT_TRUE(test::block_on(list("/")).value().contains("proc")); }

}  // namespace
}  // namespace weft
