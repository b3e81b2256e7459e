// ChildProcess: a process that somebody has to wait for, and the one place where that happens.
//
// Spec: P-10, P-13, P-14, P-18, P-19, P-27, P-29, P-33, P-34, P-36..P-38, P-41.
//
// A process that has ended keeps its number until its parent has waited for it; then the number may
// be given to another one. So whoever waits for it and whoever sends it signals are one object,
// which remembers that it is over.
//
// How its end is noticed. A pidfd, registered with the driver, is readable from then on. Where
// there are none (before Linux 5.3), or none are left, it is looked for at every SIGCHLD.
// exit_wait.h does the waiting.
//
// Orphans. Nobody has to wait for a Child that was destroyed, but the process must be waited for,
// or it stays in the kernel's table as a zombie. So this object outlives its Child: it registers a
// waker that refers to itself and whose wake looks whether the process has ended, on the thread of
// the driver, and deletes it when it has. No signal is sent. It needs no memory for that, which a
// destructor could not get, nor a task. If the driver goes before the process does, the orphan is
// put on a list, from which it goes over to the next runtime that spawns a child (orphans.h).

#ifndef WEFT_PROCESS_INTERNAL_CHILD_PROCESS_H_
#define WEFT_PROCESS_INTERNAL_CHILD_PROCESS_H_

#include <memory>
#include <optional>
#include <source_location>
#include <sys/types.h>

#include <weft/base/fd.h>
#include <weft/base/intrusive_list.h>
#include <weft/base/result.h>
#include <weft/loom/mutex.h>
#include <weft/process/exit_status.h>
#include <weft/process/internal/exit_wait.h>
#include <weft/runtime/driver/io_registration.h>
#include <weft/runtime/waker.h>
#include <weft/signal/listener.h>

namespace weft::process::internal {

// On the heap. Used by its Child, one thread at a time; then by drivers.
class ChildProcess final : public Wakeable, public ListNode {
 public:
  ChildProcess() noexcept : Wakeable(1, &kOps) {}

  // Takes on `child`, which has not been waited for, in the current runtime. Fails, and then sends
  // it SIGKILL, if neither way to notice its end is to be had. Fatal without a runtime with I/O.
  Result<void> adopt(::pid_t child, std::source_location where);

  ::pid_t id() const noexcept { return id_; }
  std::optional<ExitStatus> status() const noexcept { return status_; }

  // Whether it has ended; afterwards status() tells. Fails with no_child_process if it was waited
  // for behind our back, or the kernel did so because SIGCHLD is ignored.
  Result<std::optional<ExitStatus>> try_reap() noexcept;

  // Fails with no_such_process once its end is known.
  Result<void> send(int signal) noexcept;

  // The Child is destroyed. Gives it, if `kills`, SIGKILL first.
  static void abandon(std::unique_ptr<ChildProcess> process, bool kills) noexcept;

  // --- For ExitWait

  bool uses_signals() const noexcept { return listener_.has_value(); }
  // Of the pidfd; null if its driver is gone.
  const weft::internal::IoRegistration* exit_event() const noexcept {
    return exit_event_ ? &*exit_event_ : nullptr;
  }
  signal::Signal& listener() noexcept { return *listener_; }
  // From the driver where it was to that of the current runtime. Nobody waits meanwhile. Fails with
  // runtime_shutdown if there is none.
  Result<void> move_to_current_driver() noexcept;
  // Makes the current runtime, if there is one, one of those that announce SIGCHLD. Fails as
  // signal() does.
  void listen_in_current_runtime() noexcept;

  // --- For Orphans

  // Looks whether the orphan has ended, and waits on if it has not. Any thread.
  void turn() noexcept;

 private:
  friend std::default_delete<ChildProcess>;
  ~ChildProcess() = default;

  static const WakeOps kOps;
  static ChildProcess* from(Wakeable* target) noexcept;
  void retain() noexcept;
  void release() noexcept;

  Result<void> watch_by_descriptor(OwnedFd pidfd, std::source_location where);
  Result<void> watch_by_signals(std::source_location where);

  // word_ counts references: one until the orphan is done with, and one of each waker. Changed by
  // whoever makes or drops one.
  // [CP1] release in release() -> acquire in the last release(): all use is over before the delete.

  ::pid_t id_ = 0;
  std::optional<ExitStatus> status_;
  bool is_lost_ = false;  // somebody else has waited for it

  // Either a pidfd, registered or, after its driver's end, not; or listener_.
  std::optional<weft::internal::IoRegistration> exit_event_;
  OwnedFd unregistered_;
  std::optional<signal::Signal> listener_;

  // Of an orphan: two drivers may wake it at the same time.
  loom::Mutex mutex_;
  // Guarded by mutex_.
  std::optional<ExitWait> wait_;
  bool is_done_ = false;
};

}  // namespace weft::process::internal

#endif  // WEFT_PROCESS_INTERNAL_CHILD_PROCESS_H_
