// ChildProcess. See child_process.h.

#include <weft/process/internal/child_process.h>

#include <csignal>
#include <mutex>
#include <sys/wait.h>
#include <system_error>
#include <utility>

#include <weft/base/sys.h>
#include <weft/base/sys_process.h>
#include <weft/loom/atomic.h>
#include <weft/process/internal/orphans.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/current.h>
#include <weft/runtime/driver/current_io.h>
#include <weft/runtime/driver/driver.h>
#include <weft/signal/signal_kind.h>

namespace weft::process::internal {

namespace {

// Set by whoever finds it out, read by whoever starts a child; it never becomes false again.
constinit loom::Atomic<bool> no_pidfds{false};

// The driver that children can be registered with; null without a runtime, or with one without I/O.
weft::internal::IoDriver* current_driver_if_any() noexcept {
  weft::internal::Driver* const driver = weft::internal::current_driver();
  return driver != nullptr && driver->io_enabled() ? &driver->io() : nullptr;
}

// Nothing: notice its end by signals.
std::optional<OwnedFd> descriptor_of(::pid_t child) noexcept {
  // relaxed: only saves a call that would fail.
  if (no_pidfds.load(std::memory_order_relaxed)) return std::nullopt;
  // The number is the child's: only we wait for it. No flag asks for a descriptor that does not
  // block, since none is read or waited on; PIDFD_NONBLOCK would need Linux 5.10.
  Result<OwnedFd> pidfd = sys::pidfd_open(child, 0);
  if (pidfd) return *std::move(pidfd);
  if (pidfd.error() == std::errc::function_not_supported) {
    no_pidfds.store(true, std::memory_order_relaxed);  // relaxed: as above
  }
  return std::nullopt;
}

}  // namespace

const WakeOps ChildProcess::kOps = {
    .wake =
        [](Wakeable* target) noexcept {
          ChildProcess* const process = from(target);
          process->turn();
          process->release();
        },
    .wake_by_ref = [](Wakeable* target) noexcept { from(target)->turn(); },
    .retain = [](Wakeable* target) noexcept { from(target)->retain(); },
    .release = [](Wakeable* target) noexcept { from(target)->release(); },
};

ChildProcess* ChildProcess::from(Wakeable* target) noexcept {
  // SAFETY(cast): kOps is the table of ChildProcesses only.
  return static_cast<ChildProcess*>(target);
}

void ChildProcess::retain() noexcept {
  // relaxed: the caller has a reference already.
  word_.fetch_add(1, std::memory_order_relaxed);
}

void ChildProcess::release() noexcept {
  if (word_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;  // [CP1]
}

Result<void> ChildProcess::adopt(::pid_t child, std::source_location where) {
  id_ = child;
  std::optional<OwnedFd> pidfd = descriptor_of(child);
  const Result<void> watched =
      pidfd ? watch_by_descriptor(*std::move(pidfd), where) : watch_by_signals(where);
  if (!watched) static_cast<void>(sys::kill(id_, SIGKILL));
  return watched;
}

Result<void> ChildProcess::watch_by_descriptor(OwnedFd pidfd, std::source_location where) {
  auto registered = weft::internal::IoRegistration::create(
      weft::internal::current_io_driver(where), std::move(pidfd), weft::internal::IoKind::kPipe,
      runtime::Interest::kReadable);
  if (!registered) {
    unregistered_ = std::move(pidfd);
    return Err(registered.error());
  }
  exit_event_ = *std::move(registered);
  return {};
}

Result<void> ChildProcess::watch_by_signals(std::source_location where) {
  Result<signal::Signal> listener = signal::signal(signal::SignalKind::child(), where);
  if (!listener) return Err(listener.error());
  listener_ = *std::move(listener);
  return {};
}

Result<std::optional<ExitStatus>> ChildProcess::try_reap() noexcept {
  if (status_) return status_;
  if (is_lost_) return Err(std::errc::no_child_process);
  int status = 0;
  const Result<::pid_t> reaped = sys::waitpid(id_, &status, WNOHANG);
  if (!reaped) {
    is_lost_ = reaped.error() == std::errc::no_child_process;
    return Err(reaped.error());
  }
  if (*reaped != 0) status_ = ExitStatus::from_raw(status);
  return status_;
}

Result<void> ChildProcess::send(int signal) noexcept {
  if (status_ || is_lost_) return Err(std::errc::no_such_process);
  if (exit_event_) {
    return exit_event_->with_fd(
        [signal](BorrowedFd pidfd) { return sys::pidfd_send_signal(pidfd, signal); });
  }
  // Nobody has waited for it but for us, and we have not: the number is still its own.
  return sys::kill(id_, signal);
}

Result<void> ChildProcess::move_to_current_driver() noexcept {
  if (exit_event_) {
    Result<OwnedFd> pidfd = (*std::move(exit_event_)).into_fd();
    if (!pidfd) return Err(pidfd.error());
    unregistered_ = *std::move(pidfd);
    exit_event_.reset();
  }
  weft::internal::IoDriver* const driver = current_driver_if_any();
  if (driver == nullptr) return Err(Errc::runtime_shutdown);
  if (!unregistered_) {
    // There was none to be had when the child was started, and no listener either.
    std::optional<OwnedFd> pidfd = descriptor_of(id_);
    if (!pidfd) return Err(Errc::runtime_shutdown);
    unregistered_ = *std::move(pidfd);
  }
  auto registered = weft::internal::IoRegistration::create(*driver, std::move(unregistered_),
                                                           weft::internal::IoKind::kPipe,
                                                           runtime::Interest::kReadable);
  if (!registered) return Err(registered.error());
  exit_event_ = *std::move(registered);
  return {};
}

void ChildProcess::listen_in_current_runtime() noexcept {
  if (current_driver_if_any() == nullptr) return;
  Result<signal::Signal> listener = signal::signal(signal::SignalKind::child());
  // If not, any of the runtimes that listen announces for all; if those are gone, the next one.
  if (listener) listener_ = *std::move(listener);
}

void ChildProcess::abandon(std::unique_ptr<ChildProcess> process, bool kills) noexcept {
  if (process->status_) return;
  if (kills) static_cast<void>(process->send(SIGKILL));
  const Result<std::optional<ExitStatus>> reaped = process->try_reap();
  if (!reaped || *reaped) return;
  ChildProcess* const orphan = process.release();
  Orphans::get().add();
  orphan->turn();
}

void ChildProcess::turn() noexcept {
  retain();
  const Waker self = Waker::adopt(this);
  bool is_homeless = false;
  {
    Context cx(self);
    const std::lock_guard lock(mutex_);
    if (is_done_) return;
    if (!wait_) wait_.emplace(*this);
    if (!wait_->poll(cx)) return;
    const Result<ExitStatus> end = wait_->take();
    wait_.reset();
    is_done_ = end || end.error() == std::errc::no_child_process;
    is_homeless = !is_done_;
  }
  if (is_homeless) {
    Orphans::get().keep(*this);
  } else {
    Orphans::get().remove();
    release();
  }
}

}  // namespace weft::process::internal
