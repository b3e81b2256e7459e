// SteadyClock: the monotonic clock behind the seam.
//
// Spec: architecture.md "A seam for simulation"; testing.md TE-12, TE-30.
//
// Design. What a thread does may depend on how late it is: a worker shares a backlog that has grown
// old, a watch looks how long ago something happened. In a model such a decision has to be the
// model's. So the time is read through this name; a WEFT_LOOM build replaces it by a clock that
// stands still until the model moves it.

#ifndef WEFT_LOOM_STEADY_CLOCK_H_
#define WEFT_LOOM_STEADY_CLOCK_H_

#ifdef WEFT_LOOM

#include <weft/loom/checker/steady_clock.h>

namespace weft::loom {

using checker::SteadyClock;

}  // namespace weft::loom

#else

#include <chrono>

namespace weft::loom {

using SteadyClock = std::chrono::steady_clock;

}  // namespace weft::loom

#endif  // WEFT_LOOM

#endif  // WEFT_LOOM_STEADY_CLOCK_H_
