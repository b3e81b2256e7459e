// The example in process/child.h; tools/doc_examples.py keeps the two equal.

#include <weft/process/child.h>

#include <chrono>
#include <csignal>

#include <gtest/gtest.h>

#include <weft/process/command.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>
#include <weft/time/timeout.h>

namespace weft {
namespace {

using namespace std::chrono_literals;

// [example]
Task<Result<process::ExitStatus>> run_for(std::chrono::nanoseconds limit) {
  process::Command command("sleep");
  Result<process::Child> child = command.arg("1000").kill_on_drop(true).spawn();
  if (!child) co_return Err(child.error());
  const auto in_time = co_await time::timeout(limit, child->wait());
  if (in_time) co_return *in_time;
  co_return co_await child->terminate(5s);  // asks, and kills if that does not help
}
// [end]

TEST(DocExample, ProcessChild) { EXPECT_EQ(test::block_on(run_for(1ns))->signal(), SIGTERM); }

}  // namespace
}  // namespace weft
