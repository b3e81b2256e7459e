// Assertions. See assertions.h.

#include <weft/testing/assertions.h>

namespace weft::test {

namespace {

std::string located(std::string_view message, std::source_location where) {
  std::string text = where.file_name();
  text += ':';
  text += std::to_string(where.line());
  text += ": ";
  text += message;
  return text;
}

std::string in_milliseconds(std::chrono::nanoseconds duration) {
  return internal::describe(std::chrono::duration<double, std::milli>(duration).count()) + " ms";
}

}  // namespace

AssertionFailed::AssertionFailed(std::string_view message, std::source_location where)
    : std::logic_error(located(message, where)), where_(where) {}

void internal::fail(std::string_view assertion, std::string_view found,
                    std::source_location where) {
  std::string message(assertion);
  message += ": it is ";
  message += found;
  throw AssertionFailed(message, where);
}

std::string internal::describe_opaque(std::size_t size) {
  return "a value of " + std::to_string(size) + " bytes";
}

void assert_elapsed(time::Instant start, std::chrono::nanoseconds duration,
                    std::source_location where) {
  const std::chrono::nanoseconds passed = time::Clock::now() - start;
  if (passed >= duration && passed <= duration + std::chrono::milliseconds(1)) return;
  internal::fail("assert_elapsed",
                 in_milliseconds(passed) + " later, expected " + in_milliseconds(duration), where);
}

}  // namespace weft::test
