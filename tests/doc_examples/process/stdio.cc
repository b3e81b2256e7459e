// The example in process/stdio.h; tools/doc_examples.py keeps the two equal.

#include <weft/process/stdio.h>

#include <string>

#include <gtest/gtest.h>

#include <weft/process/command.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<process::Output>> count_lines() {
  process::Command seq("seq");
  Result<process::Child> first = seq.arg("10").stdout_(process::Stdio::piped()).spawn();
  if (!first) co_return Err(first.error());
  Result<process::Stdio> between = (*std::move(first->stdout_)).into_stdio();
  if (!between) co_return Err(between.error());
  process::Command wc("wc");
  co_return co_await wc.arg("-l").stdin_(*std::move(between)).output();
}
// [end]

TEST(DocExample, ProcessStdio) {
  const Result<process::Output> output = test::block_on(count_lines());
  ASSERT_TRUE(output);
  ASSERT_GE(output->stdout_.size(), 2u);
  EXPECT_EQ(output->stdout_[0], std::byte{'1'});
}

}  // namespace
}  // namespace weft
