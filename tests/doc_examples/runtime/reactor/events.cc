// The example in runtime/reactor/events.h; tools/doc_examples.py keeps the two equal.

#include <weft/runtime/reactor/events.h>

#include <chrono>
#include <cstddef>

#include <gtest/gtest.h>

#include <weft/runtime/reactor/reactor.h>

namespace weft {
namespace {

namespace reactor = runtime::reactor;

// [example]
// How many sources can be read now, of at most events.capacity() that have something to say.
std::size_t count_readable(reactor::Poll& poll, reactor::Events& events) {
  std::size_t count = 0;
  if (!poll.poll(events, std::chrono::nanoseconds::zero())) return count;
  for (const reactor::Event& event : events) count += event.is_readable() ? 1 : 0;
  return count;
}
// [end]

TEST(DocExample, ReactorEvents) {
  reactor::Poll poll = reactor::Poll::create().value();
  reactor::Events events(8);
  EXPECT_EQ(count_readable(poll, events), 0U);
  const auto waker = reactor::Waker::create(poll.registry(), reactor::Token{1}).value();
  ASSERT_TRUE(waker.wake());
  EXPECT_EQ(count_readable(poll, events), 1U);
}

}  // namespace
}  // namespace weft
