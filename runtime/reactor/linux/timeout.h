// Timeouts as the kernel's waits take them.
//
// Spec: reactor.md P-1.

#ifndef WEFT_RUNTIME_REACTOR_LINUX_TIMEOUT_H_
#define WEFT_RUNTIME_REACTOR_LINUX_TIMEOUT_H_

#include <chrono>
#include <ctime>
#include <limits>
#include <optional>

namespace weft::runtime::reactor::internal {

using Timeout = std::optional<std::chrono::nanoseconds>;

// For a positive `duration`; exact.
inline ::timespec to_timespec(std::chrono::nanoseconds duration) noexcept {
  constexpr std::chrono::nanoseconds::rep kPerSecond = 1'000'000'000;
  ::timespec result{};
  result.tv_sec = static_cast<std::time_t>(duration.count() / kPerSecond);
  result.tv_nsec = static_cast<long>(duration.count() % kPerSecond);
  return result;
}

// -1, for ever, without a timeout; 0 for none and less. Rounded up otherwise: a wait may be late by
// a millisecond, never early. What the parameter cannot hold is as long as it can; on 32-bit
// systems that is what the kernel can count in its own ticks.
inline int to_milliseconds(Timeout timeout) noexcept {
  if (!timeout) return -1;
  if (*timeout <= std::chrono::nanoseconds::zero()) return 0;
  const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(*timeout).count();
  constexpr int kMost = sizeof(void*) < 8 ? 1'789'569 : std::numeric_limits<int>::max();
  return rounded > kMost ? kMost : static_cast<int>(rounded);
}

// When a wait of `timeout` that begins now is over; null for never, which the end of the clock is.
inline std::optional<std::chrono::steady_clock::time_point> deadline_after(
    Timeout timeout) noexcept {
  using Clock = std::chrono::steady_clock;
  if (!timeout) return std::nullopt;
  const Clock::time_point now = Clock::now();
  return *timeout < Clock::time_point::max() - now ? now + *timeout : Clock::time_point::max();
}

}  // namespace weft::runtime::reactor::internal

#endif  // WEFT_RUNTIME_REACTOR_LINUX_TIMEOUT_H_
