// What the reactor's tests have in common: a Poll with room for events, and ways to wait for one.

#ifndef WEFT_TESTS_UNIT_RUNTIME_REACTOR_SUPPORT_H_
#define WEFT_TESTS_UNIT_RUNTIME_REACTOR_SUPPORT_H_

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include <weft/base/fd.h>
#include <weft/runtime/reactor/reactor.h>

namespace weft::runtime::reactor {

// The statements of section 11 allow spurious and split events: an expectation is met when the
// wanted bits have come, in up to three polls of half a second.
struct TestPoll {
  Poll poll = Poll::create().value();
  Events events = Events(64);

  Registry& registry() { return poll.registry(); }

  Result<void> add(BorrowedFd fd, std::size_t token, Interest interest) {
    SourceFd source(fd);
    return registry().register_source(source, Token{token}, interest);
  }
  Result<void> modify(BorrowedFd fd, std::size_t token, Interest interest) {
    SourceFd source(fd);
    return registry().reregister(source, Token{token}, interest);
  }
  Result<void> remove(BorrowedFd fd) {
    SourceFd source(fd);
    return registry().deregister(source);
  }

  // The events that are there now. What loopback sockets, pipes and eventfds cause is there when
  // the call that causes it returns.
  std::vector<Event> now() { return polled(std::chrono::nanoseconds::zero()); }

  // The first event with `token` that `is_wanted` accepts; nothing if none comes.
  template <class Predicate>
  std::optional<Event> wait_for(std::size_t token, Predicate is_wanted) {
    for (int round = 0; round < 3; ++round) {
      for (const Event& event : polled(std::chrono::milliseconds(500))) {
        if (event.token() == Token{token} && is_wanted(event)) return event;
      }
    }
    return std::nullopt;
  }
  std::optional<Event> wait_readable(std::size_t token) {
    return wait_for(token, [](const Event& event) { return event.is_readable(); });
  }
  std::optional<Event> wait_writable(std::size_t token) {
    return wait_for(token, [](const Event& event) { return event.is_writable(); });
  }

 private:
  std::vector<Event> polled(std::chrono::nanoseconds timeout) {
    const Result<void> done = poll.poll(events, timeout);
    EXPECT_TRUE(done) << done.error();
    return {events.begin(), events.end()};
  }
};

}  // namespace weft::runtime::reactor

#endif  // WEFT_TESTS_UNIT_RUNTIME_REACTOR_SUPPORT_H_
