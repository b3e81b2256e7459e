// The system calls about processes. Interface: sys_process.h; [fd], [span], [caller]: see sys.cc.

#include <weft/base/sys_process.h>

#include <cerrno>
#include <ctime>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <weft/base/internal/sys_call.h>
#include <weft/base/sys.h>

namespace weft::sys {
namespace {

using internal::call;
using internal::call_retried;
using internal::to_done;
using internal::to_fd;
using internal::to_number;

int direct_clone(int (*entry)(void*), void* stack_top, int flags, void* argument) noexcept {
  // SAFETY(syscall): `stack_top` is the end of memory that the caller keeps until the child has
  // left it, and with CLONE_VFORK this returns no earlier than that.
  return ::clone(entry, stack_top, flags, argument);
}

// Under the name that no sanitizer intercepts: they know nothing of it.
int direct_pidfd_open(::pid_t process, unsigned flags) noexcept {
  // SAFETY(syscall): two numbers; the kernel refuses what is no process.
  return static_cast<int>(::syscall(SYS_pidfd_open, process, flags));
}

int direct_pidfd_send_signal(int pidfd, int signal) noexcept {
  // SAFETY(syscall): [fd]; a null siginfo_t means what kill(2) would send.
  return static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0));
}

// Blocks SIGPIPE for the calling thread, and takes one that was raised meanwhile off it. SIGPIPE
// goes to the thread whose write has failed. One that was blocked before is none of our business:
// it stays pending, as it would without us.
class SigpipeBlocked {
 public:
  SigpipeBlocked() noexcept {
    ::sigset_t before;
    ::sigemptyset(&set_);
    ::sigaddset(&set_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &set_, &before);
    was_blocked_ = ::sigismember(&before, SIGPIPE) == 1;
  }
  SigpipeBlocked(const SigpipeBlocked&) = delete;
  SigpipeBlocked& operator=(const SigpipeBlocked&) = delete;
  ~SigpipeBlocked() {
    if (was_blocked_) return;
    if (raised_) take_off();
    ::pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
  }

  Result<std::size_t> result_of(Result<std::size_t> written) noexcept {
    raised_ = !written && written.error() == std::errc::broken_pipe;
    return written;
  }

 private:
  void take_off() noexcept {
    const ::timespec at_once{};
    // Only fails when there is none, or interrupted by another signal.
    while (::sigtimedwait(&set_, nullptr, &at_once) == -1 && errno == EINTR) {
    }
  }

  ::sigset_t set_;
  bool was_blocked_ = false;
  bool raised_ = false;
};

}  // namespace

Result<::pid_t> clone_vfork(int (*entry)(void*), std::span<std::byte> stack,
                            void* argument) noexcept {
  constexpr int kFlags = CLONE_VM | CLONE_VFORK | SIGCHLD;
  // SAFETY(syscall): [span]; `entry` and `argument` [caller]. Stacks grow downwards from the end.
  return to_number(call<&Table::clone, direct_clone>(
      entry, static_cast<void*>(stack.data() + stack.size()), kFlags, argument));
}

Result<::pid_t> fork() noexcept {
  // SAFETY(syscall): what a child of a program with threads may do is the caller's to know.
  return to_number(call<&Table::fork, ::fork>());
}

Result<::pid_t> waitpid(::pid_t process, int* status, int options) noexcept {
  // SAFETY(syscall): `status` is null or an int [caller].
  return to_number(call_retried<&Table::waitpid, ::waitpid>(process, status, options));
}

Result<void> kill(::pid_t process, int signal) noexcept {
  // SAFETY(syscall): that `process` is still the one that is meant is the caller's to know.
  return to_done(call<&Table::kill, ::kill>(process, signal));
}

Result<OwnedFd> pidfd_open(::pid_t process, unsigned flags) noexcept {
  // SAFETY(syscall): as kill(); the answer is a new descriptor that nobody else knows.
  return to_fd(call<&Table::pidfd_open, direct_pidfd_open>(process, flags));
}

Result<void> pidfd_send_signal(BorrowedFd pidfd, int signal) noexcept {
  // SAFETY(syscall): [fd].
  return to_done(call<&Table::pidfd_send_signal, direct_pidfd_send_signal>(pidfd.raw(), signal));
}

::uid_t effective_user() noexcept {
  // SAFETY(syscall): takes nothing and cannot fail.
  return ::geteuid();
}

::sigset_t block_all_signals() noexcept {
  ::sigset_t all;
  ::sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  return before;
}

void set_signal_mask(const ::sigset_t& mask) noexcept {
  ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
}

Result<std::size_t> write_without_sigpipe(BorrowedFd fd, std::span<const std::byte> in) noexcept {
  SigpipeBlocked blocked;
  return blocked.result_of(write(fd, in));
}

Result<std::size_t> writev_without_sigpipe(BorrowedFd fd, std::span<const ::iovec> in) noexcept {
  SigpipeBlocked blocked;
  return blocked.result_of(writev(fd, in));
}

}  // namespace weft::sys
