// ctrl_c and shutdown_requested. Interface: ctrl_c.h.

#include <weft/signal/ctrl_c.h>

#include <utility>

#include <weft/runtime/select.h>
#include <weft/signal/listener.h>

namespace weft::signal {

Task<Result<void>> ctrl_c(std::source_location where) {
  Result<Signal> interrupt = signal(SignalKind::interrupt(), where);
  if (!interrupt) co_return Err(interrupt.error());
  static_cast<void>(co_await interrupt->recv());
  co_return {};
}

Task<Result<SignalKind>> shutdown_requested(std::source_location where) {
  Result<Signal> interrupt = signal(SignalKind::interrupt(), where);
  if (!interrupt) co_return Err(interrupt.error());
  Result<Signal> terminate = signal(SignalKind::terminate(), where);
  if (!terminate) co_return Err(terminate.error());
  const auto first = co_await select(interrupt->recv(), terminate->recv());
  co_return first.index() == 0 ? SignalKind::interrupt() : SignalKind::terminate();
}

}  // namespace weft::signal
