// The example in testing/failure.h; tools/doc_examples.py keeps the two equal.

#include <weft/testing/failure.h>

#include <source_location>
#include <string_view>

#include <gtest/gtest.h>

namespace weft {
namespace {

// [example]
void fail_the_test(std::string_view what, std::source_location where) {
  ADD_FAILURE_AT(where.file_name(), static_cast<int>(where.line())) << what;
}
// Once, before the tests run: test::set_failure_handler(fail_the_test);
// [end]

TEST(DocExample, TestingFailure) {
  const test::FailureHandler previous = test::set_failure_handler(fail_the_test);
  EXPECT_EQ(previous, nullptr);
  EXPECT_EQ(test::set_failure_handler(previous), &fail_the_test);
}

}  // namespace
}  // namespace weft
