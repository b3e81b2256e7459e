// The example in io/stdio.h; tools/doc_examples.py keeps the two equal.

#include <weft/io/stdio.h>

#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<void>> complain(std::string_view what) {
  io::Stderr err = io::stderr_();
  const Result<void> written = co_await err.write_all(what);
  if (!written) co_return written;
  co_return co_await err.flush();
}
// [end]

TEST(DocExample, IoStdio) {
  testing::internal::CaptureStderr();
  EXPECT_TRUE(test::block_on(complain("out of cheese\n")));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "out of cheese\n");
}

}  // namespace
}  // namespace weft
