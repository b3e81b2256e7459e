// The example in process/raw_child.h; tools/doc_examples.py keeps the two equal.

#include <weft/process/raw_child.h>

#include <cerrno>
#include <unistd.h>

#include <gtest/gtest.h>

#include <weft/process/command.h>
#include <weft/runtime/task.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Result<process::RawChild> start_it(process::Command&) {
  process::RawChild child;
  // SAFETY(syscall): the child only calls _exit(), which is async-signal-safe: other threads
  // are not there in it, and what they had locked, malloc()'s lock included, stays locked.
  child.id = ::fork();
  if (child.id == -1) return Err(Error::last_os_error());
  if (child.id == 0) ::_exit(7);
  return child;
}

Task<Result<process::ExitStatus>> run_it() {
  process::Command command("it");  // its kill_on_drop() holds
  Result<process::Child> child = command.spawn_with(start_it);
  if (!child) co_return Err(child.error());
  co_return co_await child->wait();
}
// [end]

TEST(DocExample, ProcessRawChild) { EXPECT_EQ(test::block_on(run_it())->code(), 7); }

}  // namespace
}  // namespace weft
