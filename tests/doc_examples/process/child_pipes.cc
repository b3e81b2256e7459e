// The example in process/child_pipes.h; tools/doc_examples.py keeps the two equal.

#include <weft/process/child_pipes.h>

#include <array>
#include <string>

#include <gtest/gtest.h>

#include <weft/process/command.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<Result<std::string>> ask(process::ChildStdin& to, process::ChildStdout& from) {
  const Result<void> asked = co_await to.write_all("question\n");
  if (!asked) co_return Err(asked.error());  // broken_pipe: it has gone
  std::array<char, 100> room;
  const Result<std::size_t> n = co_await from.read(room);
  if (!n) co_return Err(n.error());
  co_return std::string(room.data(), *n);
}
// [end]

Task<std::string> ask_cat() {
  process::Command command("cat");
  command.stdin_(process::Stdio::piped()).stdout_(process::Stdio::piped());
  process::Child child = command.spawn().value();
  const Result<std::string> answer = co_await ask(*child.stdin_, *child.stdout_);
  EXPECT_TRUE(co_await child.wait());
  co_return answer.value();
}

TEST(DocExample, ProcessChildPipes) { EXPECT_EQ(test::block_on(ask_cat()), "question\n"); }

}  // namespace
}  // namespace weft
