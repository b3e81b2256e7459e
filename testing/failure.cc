// The failure handler. See failure.h.

#include <weft/testing/failure.h>

#include <weft/base/check.h>
#include <weft/loom/atomic.h>
#include <weft/loom/global.h>

namespace weft::test {

namespace {

struct HandlerTag;
struct CurrentHandler {
  // Written by set_failure_handler(), read by mocks. [FH1] release in the first -> acquire in the
  // others: what the handler uses is visible to it.
  loom::Atomic<FailureHandler> handler{nullptr};
};

loom::Atomic<FailureHandler>& current_handler() noexcept {
  return loom::Global<CurrentHandler, HandlerTag>::get().handler;
}

}  // namespace

FailureHandler set_failure_handler(FailureHandler handler) noexcept {
  return current_handler().exchange(handler, std::memory_order_acq_rel);  // [FH1]
}

void internal::report_failure(std::string_view what, std::source_location where) {
  const FailureHandler handler = current_handler().load(std::memory_order_acquire);  // [FH1]
  if (handler == nullptr) weft::internal::fatal(what, where);
  handler(what, where);
}

}  // namespace weft::test
