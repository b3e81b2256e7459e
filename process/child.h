// Child: a process that was started.
//
// Spec: P-10..P-19, P-30, P-41, P-44, P-45.
//
//   Task<Result<process::ExitStatus>> run_for(std::chrono::nanoseconds limit) {
//     process::Command command("sleep");
//     Result<process::Child> child = command.arg("1000").kill_on_drop(true).spawn();
//     if (!child) co_return Err(child.error());
//     const auto in_time = co_await time::timeout(limit, child->wait());
//     if (in_time) co_return *in_time;
//     co_return co_await child->terminate(5s);  // asks, and kills if that does not help
//   }

#ifndef WEFT_PROCESS_CHILD_H_
#define WEFT_PROCESS_CHILD_H_

#include <chrono>
#include <memory>
#include <optional>
#include <sys/types.h>

#include <weft/base/result.h>
#include <weft/process/child_pipes.h>
#include <weft/process/exit_status.h>
#include <weft/process/internal/child_process.h>
#include <weft/process/internal/command_config.h>
#include <weft/process/internal/exit_wait.h>
#include <weft/process/output.h>
#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/task.h>
#include <weft/runtime/wait_report.h>
#include <weft/signal/signal_kind.h>

namespace weft::process {

class Child;

namespace internal {

class Spawner;

class WaitNode : public Leaf {
 public:
  explicit WaitNode(Child& child) noexcept;

  bool poll(Context& cx) noexcept;
  Result<ExitStatus> take() noexcept { return wait_.take(); }
  void describe(WaitReport& report) noexcept {
    report.note("is its number", static_cast<std::uint64_t>(wait_.process_number()));
  }

  static constexpr const char* kWaitingOn = "process";

 private:
  Child& child_;
  ExitWait wait_;
};

class [[nodiscard]] Wait {
 public:
  explicit Wait(Child& child) noexcept : child_(&child) {}
  LeafAwaiter<WaitNode> operator co_await() const noexcept {
    return LeafAwaiter<WaitNode>(*child_);
  }

 private:
  Child* child_;
};

}  // namespace internal

// Destroying it leaves the process running, unless Command::kill_on_drop() was set; it is waited
// for all the same when it ends, so that it does not stay as a zombie. Movable, though not while a
// wait is under way; used by one task at a time. It may be waited for in another runtime than it
// was started in, also when that one is gone; its pipes stay with the first.
class [[nodiscard]] Child {
 public:
  // Our ends of the pipes, if the Command asked for pipes. To be taken, or used where they are.
  std::optional<ChildStdin> stdin_;
  std::optional<ChildStdout> stdout_;
  std::optional<ChildStderr> stderr_;

  Child(Child&&) noexcept = default;
  Child& operator=(Child&& other) noexcept;
  ~Child();

  // Nothing once its end is known: the number may be another process's by then.
  std::optional<::pid_t> id() const noexcept;

  // Yields Result<ExitStatus> when it has ended; the same again if it is awaited again. Closes
  // stdin_ first: who waits for its answer would wait in vain. Reads neither stdout_ nor stderr_: a
  // child blocks when it has filled a pipe (64 KiB), so read them, drop them, or use
  // wait_with_output(). Fails with no_child_process if something else has waited for the process,
  // or SIGCHLD is ignored; with runtime_shutdown if its runtime has gone and this one has no I/O.
  // Cancel safe.
  internal::Wait wait() noexcept { return internal::Wait(*this); }

  // At once: nothing if it runs on. Fails with no_child_process, as wait().
  Result<std::optional<ExitStatus>> try_wait() noexcept;

  // Sends SIGKILL, and takes back kill_on_drop(). Does nothing, with success, once its end is
  // known. Wait for it still.
  Result<void> start_kill() noexcept;
  // The same, and yields when it has ended. Cancel safe: it is killed all the same.
  Task<Result<void>> kill();

  // Sends any signal. Fails with no_such_process once its end is known: it never reaches another
  // process that has the number now.
  Result<void> send_signal(signal::SignalKind kind) noexcept;
  // Sends SIGTERM, and SIGKILL if it has not ended after `grace`. Needs timers. Cancel safe as
  // wait().
  Task<Result<ExitStatus>> terminate(std::chrono::nanoseconds grace);

  // Yields all that it writes to pipes, until they are closed, and its end. A process of its own
  // that has inherited a pipe keeps it open. Fails with the first error; with Errc::no_capacity as
  // Command::max_output() says. Destroyed, it does to the process what destroying a Child does.
  Task<Result<Output>> wait_with_output() &&;

 private:
  friend class internal::Spawner;
  friend class internal::WaitNode;

  explicit Child(std::unique_ptr<internal::ChildProcess> process, bool kills,
                 internal::OutputLimit limit) noexcept
      : process_(std::move(process)), kills_on_drop_(kills), output_limit_(limit) {}

  internal::ChildProcess& process() const noexcept;

  std::unique_ptr<internal::ChildProcess> process_;  // null when moved from
  bool kills_on_drop_;
  internal::OutputLimit output_limit_;
};

}  // namespace weft::process

#endif  // WEFT_PROCESS_CHILD_H_
