// Spawner: from what a Command was told to a Child.
//
// Spec: P-1, P-3, P-6..P-9, P-21, P-25, P-27, P-42, P-46, P-54.
//
// Whatever can fail comes before the start: the strings, the pipes, their registration, memory. So
// hardly anything is left that could make a process which nobody is told of; and where something is
// (noticing its end), the process is killed and waited for.

#ifndef WEFT_PROCESS_INTERNAL_SPAWNER_H_
#define WEFT_PROCESS_INTERNAL_SPAWNER_H_

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <source_location>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/process/child.h>
#include <weft/process/child_pipes.h>
#include <weft/process/internal/child_plan.h>
#include <weft/process/internal/child_process.h>
#include <weft/process/internal/command_config.h>
#include <weft/process/internal/exec_image.h>
#include <weft/process/raw_child.h>
#include <weft/runtime/task.h>

namespace weft::process::internal {

// Makes one child.
class Spawner {
 public:
  // Fails with whatever went wrong in it or in the child before exec; then there is no process.
  // Blocks the thread until the child has called exec. Fatal at `where` without a runtime with I/O.
  static Result<Child> spawn(const CommandConfig& config, std::source_location where);
  // The same on the blocking pool. Destroyed before it has begun, it starts nothing; else the Child
  // is destroyed as soon as there is one.
  static Task<Result<Child>> spawn_on_pool(CommandConfig config, std::source_location where);
  // Takes on what somebody else has started.
  static Result<Child> adopt(RawChild raw, const CommandConfig& config, std::source_location where);

 private:
  explicit Spawner(std::source_location where) : where_(where) {}

  Result<void> prepare_stdio(const CommandConfig& config);
  Result<void> make_pipe(std::size_t number);
  Result<void> keep_parent_end(std::size_t number, OwnedFd fd);
  ChildPlan plan_for(const CommandConfig& config, const ExecImage& image) const noexcept;
  Result<Child> take_on(::pid_t id, const CommandConfig& config);

  const std::source_location where_;
  std::array<int, 3> stdio_ = {kLeaveAsItIs, kLeaveAsItIs, kLeaveAsItIs};
  std::array<OwnedFd, 3> child_ends_;
  std::optional<ChildStdin> stdin_;
  std::optional<ChildStdout> stdout_;
  std::optional<ChildStderr> stderr_;
  std::unique_ptr<ChildProcess> process_ = std::make_unique<ChildProcess>();
};

}  // namespace weft::process::internal

#endif  // WEFT_PROCESS_INTERNAL_SPAWNER_H_
