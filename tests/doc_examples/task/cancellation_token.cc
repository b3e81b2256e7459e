// The example in task/cancellation_token.h; tools/doc_examples.py keeps the two equal.

#include <weft/task/cancellation_token.h>

#include <gtest/gtest.h>

#include <weft/runtime/join.h>
#include <weft/runtime/task.h>
#include <weft/runtime/yield_now.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
Task<int> count_until(CancellationToken token) {
  int count = 0;
  while (!token.is_cancelled()) {
    ++count;
    const auto yielded = co_await token.run_until_cancelled(yield_now());
    if (!yielded) break;  // cancelled; what we awaited has been destroyed
  }
  co_return count;
}

Task<int> count_for_a_while() {
  const CancellationToken token;
  auto stop = [](CancellationToken parent) -> Task<> {
    co_await yield_now();
    parent.cancel();  // and with it the child
  };
  const auto both = co_await join(count_until(token.child_token()), stop(token));
  co_return std::get<0>(both);
}
// [end]

TEST(DocExample, TaskCancellationToken) { EXPECT_GE(test::block_on(count_for_a_while()), 1); }

}  // namespace
}  // namespace weft
