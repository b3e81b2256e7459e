// The example in runtime/reactor/waker.h; tools/doc_examples.py keeps the two equal.

#include <weft/runtime/reactor/waker.h>

#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include <weft/runtime/reactor/reactor.h>

namespace weft {
namespace {

namespace reactor = runtime::reactor;

// [example]
// Waits until the other thread says so.
Result<void> wait_for_signal(reactor::Poll& poll) {
  constexpr reactor::Token kSignal{0};
  const Result<reactor::Waker> waker = reactor::Waker::create(poll.registry(), kSignal);
  if (!waker) return Err(waker.error());
  Result<void> woken;
  std::thread other([&] { woken = waker->wake(); });
  reactor::Events events(1);
  Result<void> polled = poll.poll(events, std::nullopt);
  other.join();
  return woken ? polled : woken;
}
// [end]

TEST(DocExample, ReactorWaker) {
  reactor::Poll poll = reactor::Poll::create().value();
  EXPECT_TRUE(wait_for_signal(poll));
}

}  // namespace
}  // namespace weft
