// The example in runtime/reactor/source_fd.h; tools/doc_examples.py keeps the two equal.

#include <weft/runtime/reactor/source_fd.h>

#include <chrono>
#include <sys/eventfd.h>

#include <gtest/gtest.h>

#include <weft/base/sys.h>
#include <weft/runtime/reactor/reactor.h>

namespace weft {
namespace {

namespace reactor = runtime::reactor;

// [example]
// Whether `fd`, which stays the caller's, becomes readable in time.
Result<bool> is_readable_within(BorrowedFd fd, std::chrono::milliseconds limit) {
  Result<reactor::Poll> poll = reactor::Poll::create();
  if (!poll) return Err(poll.error());
  reactor::SourceFd source(fd);
  const auto readable = reactor::Interest::kReadable;
  const auto added = poll->registry().register_source(source, reactor::Token{0}, readable);
  if (!added) return Err(added.error());
  reactor::Events events(1);
  const Result<void> polled = poll->poll(events, limit);
  if (!polled) return Err(polled.error());
  return !events.empty();
}
// [end]

TEST(DocExample, ReactorSourceFd) {
  const OwnedFd silent = sys::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK).value();
  EXPECT_EQ(is_readable_within(silent, std::chrono::milliseconds(0)), false);
  const OwnedFd rung = sys::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK).value();
  EXPECT_EQ(is_readable_within(rung, std::chrono::milliseconds(0)), true);
}

}  // namespace
}  // namespace weft
