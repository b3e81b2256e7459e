// pause, resume, advance. See pause.h.

#include <weft/time/pause.h>

#include <string_view>

#include <weft/base/check.h>
#include <weft/runtime/driver/current.h>
#include <weft/runtime/driver/driver.h>

namespace weft::time {

namespace {

weft::internal::Driver& require_driver(std::string_view message, std::source_location where) {
  weft::internal::Driver* const driver = weft::internal::current_driver();
  WEFT_CHECK(driver != nullptr, message, where);
  return *driver;
}

}  // namespace

void pause(std::source_location where) {
  auto& driver = require_driver(
      "time::pause: there is no reactor running, must be called from the context of a weft runtime",
      where);
  driver.clock().pause(where);
  driver.clock_was_set();
}

void resume(std::source_location where) {
  auto& driver = require_driver(
      "time::resume: there is no reactor running, must be called from the context of a weft "
      "runtime",
      where);
  driver.clock().resume(where);
  driver.clock_was_set();
}

bool internal::AdvanceNode::poll(Context& cx) noexcept {
  if (has_advanced_) return true;
  has_advanced_ = true;
  auto& driver = require_driver(
      "time::advance: there is no reactor running, must be called from the context of a weft "
      "runtime",
      where_);
  driver.clock().advance(duration_, where_);
  driver.clock_was_set();
  cx.defer();
  return false;
}

}  // namespace weft::time
