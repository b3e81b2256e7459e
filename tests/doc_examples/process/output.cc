// The example in process/output.h; tools/doc_examples.py keeps the two equal.

#include <weft/process/output.h>

#include <gtest/gtest.h>

#include <weft/process/command.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<process::Output>> beginning_of(process::Command command) {
  command.max_output(64 * 1024, process::OutputOverflow::kTruncate);
  const Result<process::Output> output = co_await command.output();
  co_return output;  // at most so much of either stream; then output->truncated
}
// [end]

TEST(DocExample, ProcessOutput) {
  process::Command command("head");
  command.arg("-c").arg("1000000").arg("/dev/zero");
  const Result<process::Output> output = test::block_on(beginning_of(std::move(command)));
  ASSERT_TRUE(output);
  EXPECT_TRUE(output->status.success() && output->truncated);
  EXPECT_EQ(output->stdout_.size(), 64u * 1024);
}

}  // namespace
}  // namespace weft
