// sys: system calls on one thread of this process. Interface rules: sys.h.

#ifndef WEFT_BASE_SYS_THREAD_H_
#define WEFT_BASE_SYS_THREAD_H_

#include <weft/base/result.h>

namespace weft::sys {

// The kernel's number of the calling thread. It is given to another one after the thread's end.
int gettid() noexcept;

// Sends `signal` to a thread of this process. Fails with no_such_process if it has ended; a number
// that meanwhile names another thread reaches that one, so the handler has to look whom it is for.
Result<void> tgkill(int thread, int signal) noexcept;

// pthread_sigmask, SIG_UNBLOCK: the calling thread gets `signal` from now on, which is a number
// that there is.
void unblock_signal(int signal) noexcept;

}  // namespace weft::sys

#endif  // WEFT_BASE_SYS_THREAD_H_
