// Clock. See instant.h.

#include <weft/time/instant.h>

#include <weft/loom/steady_clock.h>
#include <weft/runtime/driver/clock.h>
#include <weft/runtime/driver/current.h>
#include <weft/runtime/driver/driver.h>

namespace weft::time {

Instant Clock::now() noexcept {
  if (weft::internal::Clock::any_was_paused()) [[unlikely]] {
    if (weft::internal::Driver* const driver = weft::internal::current_driver()) {
      return from_steady(driver->clock().now());
    }
  }
  return from_steady(loom::SteadyClock::now());
}

}  // namespace weft::time
