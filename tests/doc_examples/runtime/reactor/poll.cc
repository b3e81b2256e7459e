// The example in runtime/reactor/poll.h; tools/doc_examples.py keeps the two equal.

#include <weft/runtime/reactor/poll.h>

#include <functional>
#include <optional>
#include <system_error>

#include <gtest/gtest.h>

#include <weft/runtime/reactor/reactor.h>

namespace weft {
namespace {

namespace reactor = runtime::reactor;

// [example]
using Handler = std::function<bool(const reactor::Event&)>;

// Calls handle() with each event until it answers false.
Result<void> serve(reactor::Poll& poll, const Handler& handle) {
  reactor::Events events(128);
  for (;;) {
    const Result<void> polled = poll.poll(events, std::nullopt);
    if (!polled && polled.error() != std::errc::interrupted) return polled;
    for (const reactor::Event& event : events) {
      if (!handle(event)) return {};
    }
  }
}
// [end]

TEST(DocExample, ReactorPoll) {
  reactor::Poll poll = reactor::Poll::create().value();
  const auto waker = reactor::Waker::create(poll.registry(), reactor::Token{1}).value();
  ASSERT_TRUE(waker.wake());
  int calls = 0;
  EXPECT_TRUE(serve(poll, [&calls](const reactor::Event&) { return ++calls < 1; }));
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace weft
