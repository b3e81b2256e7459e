// What happens when a mock finds that it was used otherwise than its script says.
//
// Spec: TE-3, TE-4.
//
// A mock finds out inside a poll, where nothing may be thrown, or in its destructor. It calls the
// failure handler: by default that ends the program, with one line that names where the mock was
// built. A test framework's handler can let the test go on and fail:
//
//   void fail_the_test(std::string_view what, std::source_location where) {
//     ADD_FAILURE_AT(where.file_name(), static_cast<int>(where.line())) << what;
//   }
//   // Once, before the tests run: test::set_failure_handler(fail_the_test);

#ifndef WEFT_TESTING_FAILURE_H_
#define WEFT_TESTING_FAILURE_H_

#include <source_location>
#include <string_view>

namespace weft::test {

// If it returns, the poll that failed answers with an error.
using FailureHandler = void (*)(std::string_view what, std::source_location where);

// Puts `handler` in place of the present one, which is returned; null is the default. For the whole
// process. Thread-safe.
FailureHandler set_failure_handler(FailureHandler handler) noexcept;

namespace internal {

void report_failure(std::string_view what, std::source_location where);

}  // namespace internal

}  // namespace weft::test

#endif  // WEFT_TESTING_FAILURE_H_
