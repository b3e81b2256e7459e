// System calls on one thread. Interface: sys_thread.h.

#include <weft/base/sys_thread.h>

#include <signal.h>
#include <unistd.h>

#include <weft/base/internal/sys_call.h>

namespace weft::sys {

int gettid() noexcept {
  // SAFETY(syscall): takes and touches nothing, and cannot fail.
  return ::gettid();
}

Result<void> tgkill(int thread, int signal) noexcept {
  // SAFETY(syscall): no memory is involved; a thread that has ended is an answer (ESRCH).
  return internal::to_done(::tgkill(::getpid(), thread, signal));
}

void unblock_signal(int signal) noexcept {
  ::sigset_t set;
  // SAFETY(syscall): the set is ours, and written by the first call. Nothing here fails with a
  // number that there is.
  ::sigemptyset(&set);
  ::sigaddset(&set, signal);
  static_cast<void>(::pthread_sigmask(SIG_UNBLOCK, &set, nullptr));
}

}  // namespace weft::sys
