// What the reactor's tests have in common: a Poll with room for events, ways to wait for one, and
// the selectors.
//
// A test of what every selector does is typed: it runs over epoll and over poll(2).
//
//   WEFT_ON_EACH_SELECTOR(M6);
//   TYPED_TEST(M6, NewDataIsANewEvent) {
//     TestPoll<TypeParam> poll;
//     ...
//   }

#ifndef WEFT_TESTS_UNIT_RUNTIME_REACTOR_SUPPORT_H_
#define WEFT_TESTS_UNIT_RUNTIME_REACTOR_SUPPORT_H_

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/raw_sockets.h>
#include <weft/base/fd.h>
#include <weft/runtime/reactor/reactor.h>

namespace weft::runtime::reactor {

struct OverEpoll {
  static constexpr auto kKind = internal::SelectorKind::kEpoll;
};
struct OverPoll {
  static constexpr auto kKind = internal::SelectorKind::kPoll;
};
using EachSelector = ::testing::Types<OverEpoll, OverPoll>;

// One fixture for all, so that a statement may have tests in several files.
template <class Over>
class OnASelector : public ::testing::Test {};

// The names of the types, for gtest.
struct SelectorNames {
  template <class Over>
  static std::string GetName(int) {
    return Over::kKind == internal::SelectorKind::kEpoll ? "Epoll" : "Poll";
  }
};

// Once in a file, before the typed tests of the statement `suite`.
#define WEFT_ON_EACH_SELECTOR(suite) \
  template <class Over>              \
  using suite = OnASelector<Over>;   \
  TYPED_TEST_SUITE(suite, EachSelector, SelectorNames)

// Something with a descriptor, as IoSource wants it.
struct Holder {
  OwnedFd fd;
  BorrowedFd as_fd() const { return fd.borrow(); }
};
using HolderSource = IoSource<Holder>;

// One receive or send by way of the source, as the selectors that imitate edges want it (E-8).
inline Result<std::string> read_text(HolderSource& source, std::size_t most = 4096) {
  return source.do_io([most](Holder& holder) { return test_support::read_text(holder.fd, most); });
}
inline Result<std::size_t> write_text(HolderSource& source, std::string_view text) {
  return source.do_io([text](Holder& holder) { return test_support::write_text(holder.fd, text); });
}

// The statements of section 11 allow spurious and split events: an expectation is met when the
// wanted bits have come, in up to three polls of half a second.
template <class Over>
struct TestPoll {
  Poll poll = Poll::create_with(Over::kKind).value();
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
