// Output: what a process wrote, and how it ended.
//
// Spec: P-15, P-16.
//
//   Task<Result<process::Output>> beginning_of(process::Command command) {
//     command.max_output(64 * 1024, process::OutputOverflow::kTruncate);
//     const Result<process::Output> output = co_await command.output();
//     co_return output;  // at most so much of either stream; then output->truncated
//   }

#ifndef WEFT_PROCESS_OUTPUT_H_
#define WEFT_PROCESS_OUTPUT_H_

#include <cstddef>
#include <vector>

#include <weft/process/exit_status.h>

namespace weft::process {

// What to do when a process writes more than Command::max_output() allows.
enum class OutputOverflow {
  kError,     // give up with Errc::no_capacity
  kTruncate,  // keep the beginning, and go on reading so that the process does not block
};

struct Output {
  ExitStatus status;
  std::vector<std::byte> stdout_;  // empty if it was not piped
  std::vector<std::byte> stderr_;
  bool truncated = false;  // something of either was thrown away
};

}  // namespace weft::process

#endif  // WEFT_PROCESS_OUTPUT_H_
