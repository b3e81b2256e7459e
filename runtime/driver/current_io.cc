// current_io_driver. Interface: current_io.h.

#include <weft/runtime/driver/current_io.h>

#include <weft/base/check.h>
#include <weft/runtime/driver/current.h>
#include <weft/runtime/driver/driver.h>

namespace weft::internal {

IoDriver& current_io_driver(std::source_location where) noexcept {
  Driver* const driver = current_driver();
  WEFT_CHECK(driver != nullptr,
             "there is no reactor running, must be called from the context of a weft runtime",
             where);
  WEFT_CHECK(driver->io_enabled(),
             "A weft runtime was found but I/O is disabled. Call `enable_io()` (or `enable_all()`) "
             "on the runtime Builder.",
             where);
  return driver->io();
}

}  // namespace weft::internal
