// Interface and protocol: task_tracker.h.

#include <weft/task/task_tracker.h>

#include <weft/base/check.h>

namespace weft::internal {

void TrackedCount::leave() noexcept {
  const std::size_t before = word_.fetch_sub(kOne, std::memory_order_acq_rel);  // [TT1]
  WEFT_DCHECK(before >= kOne, "TaskTracker: more tokens destroyed than made");
  if (before == kOne + kClosed) last_has_left_.notify_waiters();
}

bool TrackedCount::close() noexcept {
  const std::size_t before = word_.fetch_or(kClosed, std::memory_order_acq_rel);  // [TT1]
  if (before == 0) last_has_left_.notify_waiters();
  return (before & kClosed) == 0;
}

bool TrackedCount::reopen() noexcept {
  // [TT1] handed on: this is part of the release sequence.
  return (word_.fetch_and(~kClosed, std::memory_order_acq_rel) & kClosed) != 0;
}

}  // namespace weft::internal
