// Clock and Instant: what time it is in the current runtime.
//
// Spec: TM-1..TM-3.
//
// Clock is a standard clock and Instant its time_point, so that everything of <chrono> works with
// it. It is the steady clock, except in a runtime whose clock has been paused (pause.h): there it
// is that runtime's. The two have the same epoch; a program that pauses no clock cannot tell them
// apart.
//
// Arithmetic on Instants is that of <chrono>: unchecked. The functions below are for instants that
// may be far away, or in either order.
//
//   Task<bool> is_slow() {
//     const time::Instant start = time::Clock::now();
//     co_await time::sleep(4s);
//     co_return time::elapsed(start) > 3s;
//   }

#ifndef WEFT_TIME_INSTANT_H_
#define WEFT_TIME_INSTANT_H_

#include <chrono>
#include <optional>

namespace weft::time {

class Clock {
 public:
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<Clock>;
  // NOLINTNEXTLINE(readability-identifier-naming): the name that <chrono> looks for.
  static constexpr bool is_steady = true;

  // The time of the current runtime; without one, the steady clock's. Thread-safe, takes no lock
  // unless a clock of the process has been paused (TM-2).
  static time_point now() noexcept;

  // The same instant on the steady clock, and back.
  static constexpr std::chrono::steady_clock::time_point to_steady(time_point instant) noexcept {
    return std::chrono::steady_clock::time_point(instant.time_since_epoch());
  }
  static constexpr time_point from_steady(std::chrono::steady_clock::time_point instant) noexcept {
    return time_point(std::chrono::duration_cast<duration>(instant.time_since_epoch()));
  }
};

using Instant = std::chrono::time_point<Clock>;

// The sum or difference, or none where that overflows.
constexpr std::optional<Instant> checked_add(Instant instant,
                                             std::chrono::nanoseconds duration) noexcept {
  const auto since_epoch = instant.time_since_epoch();
  if (duration.count() > 0 ? since_epoch > std::chrono::nanoseconds::max() - duration
                           : since_epoch < std::chrono::nanoseconds::min() - duration) {
    return std::nullopt;
  }
  return Instant(since_epoch + duration);
}
constexpr std::optional<Instant> checked_sub(Instant instant,
                                             std::chrono::nanoseconds duration) noexcept {
  const auto since_epoch = instant.time_since_epoch();
  if (duration.count() > 0 ? since_epoch < std::chrono::nanoseconds::min() + duration
                           : since_epoch > std::chrono::nanoseconds::max() + duration) {
    return std::nullopt;
  }
  return Instant(since_epoch - duration);
}

// How much later `later` is than `earlier`, or none if it is earlier.
constexpr std::optional<std::chrono::nanoseconds> checked_duration_since(Instant later,
                                                                         Instant earlier) noexcept {
  if (later < earlier) return std::nullopt;
  // Instants before the clock's epoch do not come from a clock, but can be made.
  const std::optional<Instant> reach = checked_add(earlier, std::chrono::nanoseconds::max());
  if (reach && *reach < later) return std::chrono::nanoseconds::max();
  return later.time_since_epoch() - earlier.time_since_epoch();
}
// The same, and zero if it is earlier.
constexpr std::chrono::nanoseconds duration_since(Instant later, Instant earlier) noexcept {
  return checked_duration_since(later, earlier).value_or(std::chrono::nanoseconds::zero());
}
// How long ago `instant` was; zero if it is still to come.
inline std::chrono::nanoseconds elapsed(Instant instant) noexcept {
  return duration_since(Clock::now(), instant);
}

}  // namespace weft::time

#endif  // WEFT_TIME_INSTANT_H_
