// SteadyClock: the time of a model, which only the model moves.
//
// Spec: TE-12. Contract: <weft/loom/steady_clock.h>.
//
// Each execution begins at the same instant. Reading or moving the clock is no step: threads that
// do are ordered by something else, or it does not matter to them. Outside of a model it is the
// system's clock.

#ifndef WEFT_LOOM_CHECKER_STEADY_CLOCK_H_
#define WEFT_LOOM_CHECKER_STEADY_CLOCK_H_

#include <chrono>

namespace weft::loom::checker {

// Has the types of std::chrono::steady_clock, so that its instants can be passed on as such.
struct SteadyClock {
  using duration = std::chrono::steady_clock::duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::steady_clock::time_point;
  // The name that clocks have.
  // NOLINTNEXTLINE(readability-identifier-naming)
  static constexpr bool is_steady = true;

  static time_point now() noexcept;

  // Lets `by` pass. Inside a model only.
  static void advance(duration by) noexcept;
};

}  // namespace weft::loom::checker

#endif  // WEFT_LOOM_CHECKER_STEADY_CLOCK_H_
