// Child. Interface: child.h.

#include <weft/process/child.h>

#include <csignal>
#include <system_error>
#include <utility>

#include <weft/base/check.h>
#include <weft/process/internal/collect_output.h>
#include <weft/time/timeout.h>

namespace weft::process {

namespace internal {

WaitNode::WaitNode(Child& child) noexcept : child_(child), wait_(child.process()) {}

bool WaitNode::poll(Context& cx) noexcept {
  child_.stdin_.reset();
  return wait_.poll(cx);
}

}  // namespace internal

Child& Child::operator=(Child&& other) noexcept {
  Child moved(std::move(other));
  std::swap(stdin_, moved.stdin_);
  std::swap(stdout_, moved.stdout_);
  std::swap(stderr_, moved.stderr_);
  std::swap(process_, moved.process_);
  std::swap(kills_on_drop_, moved.kills_on_drop_);
  std::swap(output_limit_, moved.output_limit_);
  return *this;
}

Child::~Child() {
  if (process_) internal::ChildProcess::abandon(std::move(process_), kills_on_drop_);
}

internal::ChildProcess& Child::process() const noexcept {
  WEFT_CHECK(process_, "a Child was used that had been moved from");
  return *process_;
}

std::optional<::pid_t> Child::id() const noexcept {
  if (process().status()) return std::nullopt;
  return process().id();
}

Result<std::optional<ExitStatus>> Child::try_wait() noexcept { return process().try_reap(); }

Result<void> Child::start_kill() noexcept {
  if (process().status()) return {};
  const Result<void> sent = process().send(SIGKILL);
  if (sent) kills_on_drop_ = false;
  return sent;
}

Task<Result<void>> Child::kill() {
  const Result<void> sent = start_kill();
  if (!sent) co_return sent;
  const Result<ExitStatus> end = co_await wait();
  if (!end) co_return Err(end.error());
  co_return {};
}

Result<void> Child::send_signal(signal::SignalKind kind) noexcept {
  return process().send(kind.as_raw());
}

Task<Result<ExitStatus>> Child::terminate(std::chrono::nanoseconds grace) {
  const Result<void> asked = process().send(SIGTERM);
  // One whose end is known, or comes now, needs no signal.
  if (!asked && asked.error() != std::errc::no_such_process) co_return Err(asked.error());
  const Result<Result<ExitStatus>, time::Elapsed> in_time = co_await time::timeout(grace, wait());
  if (in_time) co_return *in_time;
  const Result<void> killed = start_kill();
  if (!killed) co_return Err(killed.error());
  co_return co_await wait();
}

Task<Result<Output>> Child::wait_with_output() && {
  const internal::OutputLimit limit = output_limit_;
  return internal::collect_output(std::move(*this), limit);
}

}  // namespace weft::process
