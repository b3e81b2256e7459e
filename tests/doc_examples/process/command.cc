// The example in process/command.h; tools/doc_examples.py keeps the two equal.

#include <weft/process/command.h>

#include <string>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<std::string> sorted(std::string text) {
  process::Command command("sort");
  command.arg("-r").env("LC_ALL", "C");
  command.stdin_(process::Stdio::piped()).stdout_(process::Stdio::piped());
  Result<process::Child> child = command.spawn();
  if (!child) co_return "no sort: " + child.error().to_string();
  const Result<void> written = co_await child->stdin_->write_all(text);
  const auto output = co_await (*std::move(child)).wait_with_output();  // ends the input
  if (!written || !output || !output->status.success()) co_return "it has failed";
  std::string result;
  for (const std::byte byte : output->stdout_) result.push_back(static_cast<char>(byte));
  co_return result;
}
// [end]

TEST(DocExample, ProcessCommand) { EXPECT_EQ(test::block_on(sorted("a\nb\n")), "b\na\n"); }

}  // namespace
}  // namespace weft
