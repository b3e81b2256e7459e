// ExitWait: waiting for the end of a process.
//
// Spec: P-19, P-28..P-33, P-39, P-40.
//
// By descriptor. The pidfd becomes readable when the process has ended; then it is waited for with
// WNOHANG. It may be readable and still not be ours to wait for: a tracer comes first. The kernel
// reports the pidfd again when the tracer is through, so this waits for that report: nothing is
// polled. If the driver of the pidfd has shut down, it is registered with that of the current
// runtime instead.
//
// By signals. SIGCHLDs coalesce, so each wait looks after its own process at each of them, and
// never after others' (waitpid(-1) would take what the program itself has started). It first asks
// for the next signal and then looks: an end after the look makes a signal that is asked for, and
// one before the look is seen. If a signal had come already it has to ask again.

#ifndef WEFT_PROCESS_INTERNAL_EXIT_WAIT_H_
#define WEFT_PROCESS_INTERNAL_EXIT_WAIT_H_

#include <optional>
#include <sys/types.h>

#include <weft/base/result.h>
#include <weft/process/exit_status.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_wait.h>
#include <weft/signal/listener.h>

namespace weft::process::internal {

class ChildProcess;

// Used by one thread at a time. The process stays where it is.
class ExitWait {
 public:
  explicit ExitWait(ChildProcess& process) noexcept : process_(process) {}
  ExitWait(const ExitWait&) = delete;
  ExitWait& operator=(const ExitWait&) = delete;

  // True: take() has the result. Else the computation of `cx` is woken when there may be one.
  // Destroyed meanwhile, it leaves no trace.
  bool poll(Context& cx) noexcept;
  // Fails with no_child_process (P-33); runtime_shutdown, as long as no other runtime polls it.
  Result<ExitStatus> take() noexcept { return *result_; }
  ::pid_t process_number() const noexcept;

 private:
  bool poll_descriptor(Context& cx) noexcept;
  bool poll_signals(Context& cx) noexcept;

  ChildProcess& process_;
  std::optional<weft::internal::IoCall> call_;
  std::optional<signal::internal::ReceiveNode> receive_;
  bool listens_here_ = false;
  std::optional<Result<ExitStatus>> result_;
};

// One poll by signals, as described above. ask(): whether a signal had come; if not, the next one
// wakes. look(): something, if there is no more to wait for.
template <class Ask, class Look>
auto look_after_asking(Ask ask, Look look) -> decltype(look()) {
  for (;;) {
    const bool had_come = ask();
    if (auto seen = look()) return seen;
    if (!had_come) return std::nullopt;
  }
}

}  // namespace weft::process::internal

#endif  // WEFT_PROCESS_INTERNAL_EXIT_WAIT_H_
