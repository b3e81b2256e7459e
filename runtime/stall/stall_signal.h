// StallSignal: the signal that makes a thread say where it is.
//
// Spec: R-172.
//
// A real-time signal that nobody uses when the first runtime that detects stalls is built, looked
// for from SIGRTMAX - 1 down. Its handler stays for as long as the process lives and does nothing
// unless the thread is asked (stall_question.h), so a signal that comes late, or to a thread that
// got the number of one that has ended, does no harm. It restarts system calls (SA_RESTART); those
// that the system never restarts, as sleeps and polls do not, end with EINTR: see signal(7). It
// needs about 10 KiB of the stack that the thread is on; not of an alternate one (SA_ONSTACK),
// which programs make as small as SIGSTKSZ.
//
// The handler comes at any moment, in the middle of malloc() or dlopen() too. What it does:
// atomics, a thread-local that its thread has used before, eventfd's write(2), and backtrace(3).
// That allocates nothing after its first call, which the installation makes, and finds the tables
// of the modules without a lock: libgcc from GCC 12 on asks _dl_find_object(), which glibc has
// from 2.35 on and calls async-signal-safe.

#ifndef WEFT_RUNTIME_STALL_STALL_SIGNAL_H_
#define WEFT_RUNTIME_STALL_STALL_SIGNAL_H_

#include <weft/base/result.h>

namespace weft::internal {

// Its number, after installing the handler if that has not been done. Fails with
// device_or_resource_busy if all real-time signals are in use. Thread-safe.
Result<int> stall_signal();

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_STALL_STALL_SIGNAL_H_
