// What becomes of durations that reach beyond the clock's range.
//
// Spec: TM-3; api.md "Conventions" (negative is zero, overflow is far future).

#ifndef WEFT_TIME_INTERNAL_FAR_FUTURE_H_
#define WEFT_TIME_INTERNAL_FAR_FUTURE_H_

#include <chrono>

#include <weft/runtime/driver/clock.h>
#include <weft/time/instant.h>

namespace weft::time::internal {

// `duration` after `now`; negative is zero, overflow is 30 years after `now`.
constexpr Instant after(Instant now, std::chrono::nanoseconds duration) noexcept {
  return Clock::from_steady(weft::internal::saturating_after(Clock::to_steady(now), duration));
}

}  // namespace weft::time::internal

#endif  // WEFT_TIME_INTERNAL_FAR_FUTURE_H_
