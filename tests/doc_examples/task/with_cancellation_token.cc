// The example in task/with_cancellation_token.h; tools/doc_examples.py keeps the two equal.

#include <weft/task/with_cancellation_token.h>

#include <optional>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

Task<int> request() {
  co_await yield_now();
  co_return 7;
}

// [example]
Task<int> request_or_zero(CancellationToken token) {
  const std::optional<int> reply = co_await with_cancellation_token(request(), token);
  co_return reply.value_or(0);
}
// [end]

TEST(DocExample, TaskWithCancellationToken) {
  const CancellationToken token;
  EXPECT_EQ(test::block_on(request_or_zero(token)), 7);
  token.cancel();
  EXPECT_EQ(test::block_on(request_or_zero(token)), 0);
}

}  // namespace
}  // namespace weft
