// Clock. See instant.h.

#include <weft/time/instant.h>

#include <weft/runtime/driver/current_time.h>

namespace weft::time {

Instant Clock::now() noexcept { return from_steady(weft::internal::current_time()); }

}  // namespace weft::time
