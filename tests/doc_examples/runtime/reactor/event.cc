// The example in runtime/reactor/event.h; tools/doc_examples.py keeps the two equal.

#include <weft/runtime/reactor/event.h>

#include <optional>

#include <gtest/gtest.h>

#include <weft/runtime/reactor/reactor.h>

namespace weft {
namespace {

namespace reactor = runtime::reactor;

// [example]
// Whether an attempt to read is worth its while. The end is found by that attempt, too.
bool wants_read(const reactor::Event& event) {
  return event.is_readable() || event.is_read_closed() || event.is_error();
}
// [end]

TEST(DocExample, ReactorEvent) {
  reactor::Poll poll = reactor::Poll::create().value();
  reactor::Events events(1);
  const auto waker = reactor::Waker::create(poll.registry(), reactor::Token{1}).value();
  ASSERT_TRUE(waker.wake());
  ASSERT_TRUE(poll.poll(events, std::nullopt));
  EXPECT_TRUE(wants_read(*events.begin()));
}

}  // namespace
}  // namespace weft
