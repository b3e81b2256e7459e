// The example in testing/assertions.h; tools/doc_examples.py keeps the two equal.

#include <weft/testing/assertions.h>

#include <optional>

#include <gtest/gtest.h>

#include <weft/sync/mpsc.h>
#include <weft/testing/harness.h>

namespace weft {
namespace {

// [example]
TEST(Channel, RecvWaitsForAMessage) {
  auto [sender, receiver] = sync::mpsc::channel<int>(1);
  auto wait = test::spawn(receiver.recv());
  test::assert_pending(wait.poll());
  test::assert_ok(sender.try_send(7));
  const std::optional<int> got = test::assert_ready(wait.poll());
  EXPECT_EQ(got, 7);
}
// [end]

}  // namespace
}  // namespace weft
