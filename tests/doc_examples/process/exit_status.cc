// The example in process/exit_status.h; tools/doc_examples.py keeps the two equal.

#include <weft/process/exit_status.h>

#include <string>

#include <gtest/gtest.h>

#include <weft/process/command.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
std::string verdict(process::ExitStatus status) {
  if (status.success()) return "well done";
  if (const auto code = status.code()) return "gave up with " + std::to_string(*code);
  return status.to_string();  // "signal: 9 (SIGKILL)"
}
// [end]

Task<std::string> verdict_of(std::string script) {
  process::Command command("sh");
  const Result<process::ExitStatus> status = co_await command.arg("-c").arg(script).status();
  co_return verdict(status.value());
}

TEST(DocExample, ProcessExitStatus) {
  EXPECT_EQ(test::block_on(verdict_of("exit 0")), "well done");
  EXPECT_EQ(test::block_on(verdict_of("exit 3")), "gave up with 3");
  EXPECT_EQ(test::block_on(verdict_of("kill -KILL $$")), "signal: 9 (SIGKILL)");
}

}  // namespace
}  // namespace weft
