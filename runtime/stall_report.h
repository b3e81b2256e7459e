// StallReport: which task has held a worker for too long, and where it was.
//
// Spec: R-172.
//
// Made by a runtime whose Builder was told to detect_stalls(), given to its on_stall() or, without
// one, written to standard error.

#ifndef WEFT_RUNTIME_STALL_REPORT_H_
#define WEFT_RUNTIME_STALL_REPORT_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

#include <weft/runtime/task_id.h>

namespace weft::runtime {

// A plain value, which refers to nothing: it may be kept, and given to other threads. The defaults
// are those of a report about nothing.
struct StallReport {
  // The task; nothing for the argument of block_on on a current_thread runtime.
  std::optional<TaskId> task;
  // What task::Builder named it; cut to 63 bytes.
  std::string name;
  // Where it was spawned, or where block_on was called.
  std::source_location spawned_at;
  // The worker that it holds; 0 on a current_thread runtime. Attached threads have the numbers
  // behind the configured workers, as in RuntimeMetrics.
  unsigned worker = 0;
  // How long its resume had lasted when the thread was looked at, and the limit that was set.
  std::chrono::nanoseconds held{0};
  std::chrono::nanoseconds limit{0};
  // The thread's stack, innermost function first: "function+0x12 (module)", or "module+0x1234" for
  // addr2line(1) where the module is stripped. Empty if the thread did not answer, because it
  // blocks the signal or waits in the kernel where none reaches it: then the task is unknown, too.
  std::vector<std::string> backtrace;
  // Stalls before this one that were not reported because there were too many.
  std::uint64_t suppressed = 0;

  // Some lines of text, each with a newline: what standard error gets without an on_stall(). Throws
  // std::bad_alloc.
  std::string to_string() const;
};

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_STALL_REPORT_H_
