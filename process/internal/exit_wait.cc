// ExitWait. See exit_wait.h.

#include <weft/process/internal/exit_wait.h>

#include <system_error>

#include <weft/base/fd.h>
#include <weft/process/internal/child_process.h>
#include <weft/runtime/driver/ready.h>

namespace weft::process::internal {

namespace {

// Nothing: it runs on.
std::optional<Result<ExitStatus>> look_at(ChildProcess& process) noexcept {
  const Result<std::optional<ExitStatus>> reaped = process.try_reap();
  if (!reaped) return Result<ExitStatus>(Err(reaped.error()));
  if (!*reaped) return std::nullopt;
  return Result<ExitStatus>(**reaped);
}

// Waiting for the process as an operation on its pidfd.
class Reap {
 public:
  using value_type = ExitStatus;

  explicit Reap(ChildProcess& process) noexcept : process_(process) {}
  runtime::Ready wanted() const noexcept { return runtime::Ready::kReadable; }
  Result<ExitStatus> attempt(BorrowedFd) noexcept {
    if (const std::optional<Result<ExitStatus>> seen = look_at(process_)) return *seen;
    return Err(std::errc::operation_would_block);
  }

 private:
  ChildProcess& process_;
};

}  // namespace

::pid_t ExitWait::process_number() const noexcept { return process_.id(); }

bool ExitWait::poll(Context& cx) noexcept {
  if (!cx.has_budget()) return false;
  if (const std::optional<ExitStatus> status = process_.status()) {
    result_ = *status;
    cx.spend_budget();
    return true;
  }
  return process_.uses_signals() ? poll_signals(cx) : poll_descriptor(cx);
}

bool ExitWait::poll_descriptor(Context& cx) noexcept {
  for (;;) {
    if (const weft::internal::IoRegistration* const event = process_.exit_event()) {
      if (!call_) call_.emplace(event->record());
      Reap reap(process_);
      const std::optional<Result<ExitStatus>> reaped = call_->poll(cx, reap);
      if (!reaped) return false;
      if (*reaped || reaped->error() != Errc::runtime_shutdown) {
        result_ = *reaped;
        return true;
      }
    }
    call_.reset();
    const Result<void> moved = process_.move_to_current_driver();
    if (!moved) {
      result_ = look_at(process_);
      if (!result_) result_ = Result<ExitStatus>(Err(moved.error()));
      return true;
    }
  }
}

bool ExitWait::poll_signals(Context& cx) noexcept {
  if (!listens_here_) {
    process_.listen_in_current_runtime();
    listens_here_ = true;
  }
  const auto ask = [&] {
    if (!receive_) receive_.emplace(process_.listener());
    if (!receive_->poll(cx)) return false;
    receive_.reset();
    return true;
  };
  result_ = look_after_asking(ask, [&] { return look_at(process_); });
  if (!result_) return false;
  receive_.reset();
  cx.spend_budget();
  return true;
}

}  // namespace weft::process::internal
