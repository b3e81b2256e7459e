// Sleep. See sleep.h.

#include <weft/time/sleep.h>

#include <weft/base/runtime_gone.h>
#include <weft/time/internal/far_future.h>

namespace weft::time {

using weft::internal::TimerEntry;

Sleep sleep(std::chrono::nanoseconds duration, std::source_location where) {
  const bool is_ahead = duration > std::chrono::nanoseconds::zero();
  return Sleep(internal::after(Clock::now(), duration),
               is_ahead ? TimerEntry::Deadline::kAhead : TimerEntry::Deadline::kUnknown, where);
}

Sleep sleep_until(Instant deadline, std::source_location where) {
  return Sleep(deadline, TimerEntry::Deadline::kUnknown, where);
}

bool Sleep::poll(Context& cx) noexcept {
  if (!cx.has_budget()) return false;
  if (!entry_.poll(cx)) return false;
  cx.spend_budget();
  return true;
}

void Sleep::take() const {
  if (entry_.is_gone()) [[unlikely]]
    throw RuntimeGone("time::sleep: its runtime has shut down");
}

}  // namespace weft::time
