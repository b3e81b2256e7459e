// ExitStatus: how a process ended.
//
// Spec: P-20.
//
//   std::string verdict(process::ExitStatus status) {
//     if (status.success()) return "well done";
//     if (const auto code = status.code()) return "gave up with " + std::to_string(*code);
//     return status.to_string();  // "signal: 9 (SIGKILL)"
//   }

#ifndef WEFT_PROCESS_EXIT_STATUS_H_
#define WEFT_PROCESS_EXIT_STATUS_H_

#include <iosfwd>
#include <optional>
#include <string>
#include <sys/wait.h>

namespace weft::process {

// A plain value: what waitpid(2) says of a process that has ended. It has either a code or a
// signal.
class ExitStatus {
 public:
  // From a status of waitpid(2) that is not about stopping or continuing.
  static constexpr ExitStatus from_raw(int status) noexcept { return ExitStatus(status); }
  constexpr int raw() const noexcept { return status_; }

  // It ended by itself, with 0.
  constexpr bool success() const noexcept { return status_ == 0; }
  // What it gave to exit(3) or returned from main, 0 to 255; nothing if a signal ended it.
  constexpr std::optional<int> code() const noexcept {
    return WIFEXITED(status_) ? std::optional<int>(WEXITSTATUS(status_)) : std::nullopt;
  }
  // The signal that ended it; nothing if it ended by itself.
  constexpr std::optional<int> signal() const noexcept {
    return WIFSIGNALED(status_) ? std::optional<int>(WTERMSIG(status_)) : std::nullopt;
  }
  // The signal has made the kernel write its memory to a file.
  constexpr bool core_dumped() const noexcept { return WIFSIGNALED(status_) && WCOREDUMP(status_); }

  // For people: "exit status: 3", "signal: 11 (SIGSEGV) (core dumped)".
  std::string to_string() const;

  friend constexpr bool operator==(ExitStatus, ExitStatus) noexcept = default;
  friend std::ostream& operator<<(std::ostream& out, ExitStatus status);

 private:
  explicit constexpr ExitStatus(int status) noexcept : status_(status) {}

  int status_;
};

}  // namespace weft::process

#endif  // WEFT_PROCESS_EXIT_STATUS_H_
