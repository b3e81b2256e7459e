// The example in fs/lost_write_errors.h; tools/doc_examples.py keeps the two equal.

#include <weft/fs/lost_write_errors.h>

#include <cstdio>

#include <gtest/gtest.h>

#include <weft/fs/file.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
void report_lost_writes() {
  fs::on_lost_write_error([](Error error) noexcept {
    std::fprintf(stderr, "a write was lost: %s\n", error.to_string().c_str());
  });
}
// [end]

TEST(DocExample, FsLostWriteErrors) {
  const auto before = fs::lost_write_errors();
  report_lost_writes();
  EXPECT_EQ(fs::lost_write_errors(), before);
  fs::on_lost_write_error(nullptr);
}

}  // namespace
}  // namespace weft
