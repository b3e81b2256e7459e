// The example in testing/harness.h; tools/doc_examples.py keeps the two equal.

#include <weft/testing/harness.h>

#include <optional>

#include <gtest/gtest.h>

#include <weft/sync/notify.h>
#include <weft/testing/stream_mock.h>

namespace weft {
namespace {

// [example]
TEST(Notify, WakesOne) {
  sync::Notify notify;
  auto wait = test::spawn(notify.notified());
  test::assert_pending(wait.poll());
  notify.notify_one();
  EXPECT_TRUE(wait.is_woken());
  test::assert_ready(wait.poll());
  EXPECT_EQ(wait.waker_ref_count(), 1);  // nobody has kept a waker

  // A stream, that is anything with a next() to be awaited, is polled value by value.
  auto values = test::spawn(test::StreamMockBuilder<int>().next(1).build());
  test::assert_ready_eq(values.poll_next(), std::optional(1));
}
// [end]

}  // namespace
}  // namespace weft
