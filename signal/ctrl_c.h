// ctrl_c and shutdown_requested: waiting for the wish to stop.
//
// Spec: SG-3.
//
//   auto stop = weft::signal::shutdown_requested();
//   co_await weft::select(serve(listener), stop);

#ifndef WEFT_SIGNAL_CTRL_C_H_
#define WEFT_SIGNAL_CTRL_C_H_

#include <source_location>

#include <weft/base/result.h>
#include <weft/runtime/task.h>
#include <weft/signal/signal_kind.h>

namespace weft::signal {

// Ends with the next SIGINT. It listens from when it is first awaited: one that came before is not
// seen, and kills the process if nothing handled it. After that SIGINT kills no more, also when
// this is gone (listener.h). Fails, and is fatal, as signal(). Cancel safe.
[[nodiscard]] Task<Result<void>> ctrl_c(
    std::source_location where = std::source_location::current());

// Ends with the next SIGINT or SIGTERM and says which it was: what a terminal and what a service
// manager send to end a program. Otherwise as ctrl_c().
[[nodiscard]] Task<Result<SignalKind>> shutdown_requested(
    std::source_location where = std::source_location::current());

}  // namespace weft::signal

#endif  // WEFT_SIGNAL_CTRL_C_H_
