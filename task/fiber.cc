#include <weft/task/fiber.h>

namespace weft::fiber {

bool is_inside() noexcept {
  const internal::Fiber* const fiber = internal::Fiber::current();
  return fiber != nullptr && fiber->may_await();
}

bool is_unwinding() noexcept {
  const internal::Fiber* const fiber = internal::Fiber::current();
  return fiber != nullptr && fiber->is_unwinding();
}

std::size_t stack_high_water(std::source_location where) noexcept {
  const internal::Fiber& fiber = internal::Fiber::require(
      "fiber::stack_high_water: called outside of a fiber; call it in code that fiber::run() runs",
      where);
  return fiber.stack().high_water();
}

}  // namespace weft::fiber
