// ChildPlan: what a child does between its start and exec, as the parent has prepared it.
//
// Spec: P-25, P-49, P-50, P-51, P-53.
//
// The child only reads the plan and makes system calls. In the order of P-50: standard streams,
// groups, group, user, directory, process group, signals, hooks, exec. Whatever fails ends it, and
// its parent gets the error.
//
// Standard streams. The source of one may itself lie at 0, 1 or 2, where another one is going to be
// put: such are moved out of the way first. Each then is duplicated to its number, without
// close-on-exec; one that already is where it belongs only loses that flag. Everything else the
// parent has is close-on-exec and goes by itself.

#ifndef WEFT_PROCESS_INTERNAL_CHILD_PLAN_H_
#define WEFT_PROCESS_INTERNAL_CHILD_PLAN_H_

#include <array>
#include <optional>
#include <span>
#include <sys/types.h>

#include <weft/base/error.h>
#include <weft/process/internal/command_config.h>

namespace weft::process::internal {

// Of a standard stream: a descriptor to put there, or one of these.
inline constexpr int kLeaveAsItIs = -1;
inline constexpr int kOpenNull = -2;

struct ChildPlan {
  std::array<int, 3> stdio = {kLeaveAsItIs, kLeaveAsItIs, kLeaveAsItIs};
  std::optional<std::span<const ::gid_t>> groups;
  std::optional<::gid_t> group;
  std::optional<::uid_t> user;
  const char* directory = nullptr;  // null: stays where it is
  std::optional<::pid_t> process_group;
  std::span<const Hook> hooks;
  // As in ExecImage.
  char* const* paths = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
};

// In the child, with all signals blocked. Returns only what went wrong.
Error run_plan(const ChildPlan& plan) noexcept;

}  // namespace weft::process::internal

#endif  // WEFT_PROCESS_INTERNAL_CHILD_PLAN_H_
