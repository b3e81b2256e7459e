// What a child does. See child_plan.h.
//
// Nothing here allocates, locks, or throws, hooks apart, for which the child has memory of its own.
// In memory that it shares, its stack is abandoned at exec with whatever AddressSanitizer has
// marked in it: functions that are active then carry no marks.

#include <weft/process/internal/child_plan.h>

#include <cerrno>

#include <weft/base/sys_child.h>

namespace weft::process::internal {

namespace {

namespace child = sys::child;

int put_stdio_in_place(const ChildPlan& plan) noexcept {
  std::array<int, 3> sources = plan.stdio;
  for (int number = 0; number < 3; ++number) {
    int& source = sources[static_cast<std::size_t>(number)];
    if (source == kOpenNull) {
      if (const int error = child::open_null(source); error != 0) return error;
    }
    if (source >= 0 && source < 3 && source != number) {
      if (const int error = child::dup_above_stdio(source); error != 0) return error;
    }
  }
  for (int number = 0; number < 3; ++number) {
    const int source = sources[static_cast<std::size_t>(number)];
    if (source < 0) continue;
    const int error =
        source == number ? child::keep_over_exec(number) : child::dup_over(source, number);
    if (error != 0) return error;
  }
  return 0;
}

int become_who_it_is_to_be(const ChildPlan& plan) noexcept {
  int error = 0;
  if (plan.groups) error = child::set_groups(*plan.groups);
  if (error == 0 && plan.group) error = child::set_group(*plan.group);
  if (error == 0 && plan.user) error = child::set_user(*plan.user);
  if (error == 0 && plan.directory != nullptr) error = child::change_directory(plan.directory);
  if (error == 0 && plan.process_group) error = child::set_process_group(*plan.process_group);
  return error;
}

// The first path at which there is a program is the one. A directory may be missing or be none, and
// what is found may not be executable: then the search goes on, as in execvp(3).
[[gnu::no_sanitize_address]] int execute_first_found(const ChildPlan& plan) noexcept {
  bool was_denied = false;
  int error = ENOENT;
  for (char* const* path = plan.paths; *path != nullptr; ++path) {
    error = child::execute(*path, plan.arguments, plan.environment);
    if (error == EACCES) {
      was_denied = true;
    } else if (error != ENOENT && error != ENOTDIR && error != ESTALE) {
      return error;
    }
  }
  return was_denied ? EACCES : error;
}

// In memory of its own, after fork().
std::optional<Error> run_hooks(std::span<const Hook> hooks) noexcept {
  for (const Hook& hook : hooks) {
    try {
      const Result<void> done = hook();
      if (!done) return done.error();
    } catch (...) {
      return Error(Errc::other);
    }
  }
  return std::nullopt;
}

}  // namespace

[[gnu::no_sanitize_address]] Error run_plan(const ChildPlan& plan) noexcept {
  if (const int error = put_stdio_in_place(plan); error != 0) return Error::from_errno(error);
  if (const int error = become_who_it_is_to_be(plan); error != 0) return Error::from_errno(error);
  child::reset_signals();
  if (!plan.hooks.empty()) {
    if (const std::optional<Error> error = run_hooks(plan.hooks)) return *error;
  }
  return Error::from_errno(execute_first_found(plan));
}

}  // namespace weft::process::internal
