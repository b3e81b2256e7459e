// The time as the calling thread's runtime sees it.
//
// Spec: TM-2.

#ifndef WEFT_RUNTIME_DRIVER_CURRENT_TIME_H_
#define WEFT_RUNTIME_DRIVER_CURRENT_TIME_H_

#include <weft/loom/steady_clock.h>
#include <weft/runtime/driver/clock.h>
#include <weft/runtime/driver/current.h>
#include <weft/runtime/driver/driver.h>

namespace weft::internal {

// The current runtime's clock; without one, the steady clock. Takes no lock unless a clock of the
// process has been paused.
inline SteadyTime current_time() noexcept {
  if (Clock::any_was_paused()) [[unlikely]] {
    if (Driver* const driver = current_driver()) return driver->clock().now();
  }
  return loom::SteadyClock::now();
}

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DRIVER_CURRENT_TIME_H_
