// The example in net/ancillary/scm_timestamp.h; tools/doc_examples.py keeps the two equal.

#include <weft/net/ancillary/scm_timestamp.h>

#include <chrono>
#include <ctime>
#include <span>
#include <sys/socket.h>

#include <gtest/gtest.h>

namespace weft {
namespace {

// [example]
// Between the arrival at the kernel and `now`.
std::chrono::nanoseconds time_queued(const net::ControlMessage& message,
                                     std::chrono::nanoseconds now) {
  const auto stamp = net::ScmTimestamp::from(message);
  return stamp ? now - stamp->since_epoch : std::chrono::nanoseconds(0);
}
// [end]

TEST(DocExample, NetScmTimestamp) {
  const ::timespec stamp{1, 0};
  const net::ControlMessage message(SOL_SOCKET, SCM_TIMESTAMPNS,
                                    std::as_bytes(std::span(&stamp, 1)));
  EXPECT_EQ(time_queued(message, std::chrono::milliseconds(1500)), std::chrono::milliseconds(500));
}

}  // namespace
}  // namespace weft
