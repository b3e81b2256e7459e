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

}  // namespace weft::sys
