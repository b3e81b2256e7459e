// Interface and protocol: completion.h.

#include <weft/runtime/completion.h>

namespace weft::internal {

bool CompletionState::leave_open(Phase phase) noexcept {
  Phase seen = Phase::kOpen;
  // [CM2], if it is the awaitable that leaves; relaxed: who comes second does nothing.
  return phase_.compare_exchange_strong(seen, phase, std::memory_order_release,
                                        std::memory_order_relaxed);
}

void CompletionState::finish() noexcept {
  phase_.store(Phase::kFinished, std::memory_order_release);  // [CM1]
  waiter_.wake();
}

bool CompletionState::remove_copy() noexcept {
  if (copies_.fetch_sub(1, std::memory_order_acq_rel) != 1) return false;  // [CM3]
  if (leave_open(Phase::kDropped)) waiter_.wake();
  return true;
}

bool CompletionState::poll(Context& cx) noexcept {
  if (has_ended()) return true;
  waiter_.register_waker(cx);
  return has_ended();
}

bool CompletionState::close() noexcept {
  const bool is_closed_now = leave_open(Phase::kClosed);
  static_cast<void>(waiter_.take());
  return is_closed_now;
}

}  // namespace weft::internal
