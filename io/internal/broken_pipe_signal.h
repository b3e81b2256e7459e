// What is to be done about SIGPIPE before writing to a pipe.
//
// Spec: net.md P-6, N-64; socket.md Y-7; process.md P-26.
//
// write(2) to a pipe without readers kills the process unless SIGPIPE is ignored, and unlike
// send(2) it has no flag against that. So making the first end that can be written to turns the
// signal off for the process, as other runtimes do from the start; but only if the program has left
// it as it was. Who wants to be killed sets the default action again afterwards; who has a handler
// keeps it. A child that a process spawns has to be given the default action back.

#ifndef WEFT_IO_INTERNAL_BROKEN_PIPE_SIGNAL_H_
#define WEFT_IO_INTERNAL_BROKEN_PIPE_SIGNAL_H_

namespace weft::io::internal {

// Ignores SIGPIPE if its action is the default one. Thread-safe.
void ignore_broken_pipe_signal() noexcept;

}  // namespace weft::io::internal

#endif  // WEFT_IO_INTERNAL_BROKEN_PIPE_SIGNAL_H_
