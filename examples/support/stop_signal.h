// StopSignal: lets a task wait until the program is asked to end, by Ctrl-C (SIGINT) or SIGTERM.
//
// A signal handler may do next to nothing, so ours writes one byte into a pipe. A blocking job
// reads that pipe, and a task awaits the job: no thread of the runtime is kept busy, and none
// polls.
//
//   StopSignal stop;
//   auto event = co_await weft::select(listener.accept(), stop.requested());
//   if (event.index() == 1) ...                         // time to go
//
// A second signal ends the program at once, as it would have without this.

#ifndef WEFT_EXAMPLES_SUPPORT_STOP_SIGNAL_H_
#define WEFT_EXAMPLES_SUPPORT_STOP_SIGNAL_H_

#include <weft/weft.h>

namespace examples {

// At most one in a program; made within a runtime.
class StopSignal {
 public:
  StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  // Puts the default handlers back and ends the blocking job, for which the runtime would wait.
  ~StopSignal();

  // Await it, as an lvalue, until it completes: once. Cancel safe, so it may be a branch of one
  // select after the other.
  weft::JoinHandle<void>& requested() { return requested_; }

 private:
  weft::JoinHandle<void> requested_;
};

}  // namespace examples

#endif  // WEFT_EXAMPLES_SUPPORT_STOP_SIGNAL_H_
