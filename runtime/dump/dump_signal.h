// The dump that a signal asks for.
//
// Spec: R-150. For users: docs/guide/task-dumps.md.
//
// With WEFT_DUMP_SIGNAL=QUIT or USR1 in the environment, that signal makes the process write a dump
// of each of its runtimes to stderr. A thread waits for it and makes them: it needs no worker, so
// it also says what a runtime is doing whose threads are all blocked or busy. It is started with
// the first runtime and ends with the process. Nothing is installed, and no runtime is listed,
// unless the variable is set.
//
// Not built on weft::signal, which stands above the runtime and needs a driver that turns. The two
// get along: a listener for the same signal calls the handler that it finds.

#ifndef WEFT_RUNTIME_DUMP_DUMP_SIGNAL_H_
#define WEFT_RUNTIME_DUMP_DUMP_SIGNAL_H_

#include <source_location>

#include <weft/base/result.h>

namespace weft::internal {

class Scheduler;

// For a runtime that has just been made: from now on it is in those dumps, if the environment asks
// for them. Any other value of the variable is a check failure at `where`. Fails if there is no
// thread or descriptor for it.
Result<void> dump_on_signal(Scheduler& scheduler, std::source_location where);

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DUMP_DUMP_SIGNAL_H_
