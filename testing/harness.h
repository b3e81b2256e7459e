// spawn: one awaitable in the hands of a test, polled step by step without a runtime.
//
// Spec: TE-1.
//
// TestTask owns an awaitable (or borrows an lvalue) and stands in for the task that awaits it. Each
// poll() is one resume. Between them the test does what the rest of the program would do, and asks
// whether that has woken the task: an operation that completes without waking its waiter, or wakes
// it for nothing, shows here and nowhere else. Destroying the TestTask is what cancelling does.
//
// Timers need a runtime to be in: see paused_runtime.h.
//
//   TEST(Notify, WakesOne) {
//     sync::Notify notify;
//     auto wait = test::spawn(notify.notified());
//     test::assert_pending(wait.poll());
//     notify.notify_one();
//     EXPECT_TRUE(wait.is_woken());
//     test::assert_ready(wait.poll());
//     EXPECT_EQ(wait.waker_ref_count(), 1);  // nobody has kept a waker
//
//     // A stream, that is anything with a next() to be awaited, is polled value by value.
//     auto values = test::spawn(test::StreamMockBuilder<int>().next(1).build());
//     test::assert_ready_eq(values.poll_next(), std::optional(1));
//   }

#ifndef WEFT_TESTING_HARNESS_H_
#define WEFT_TESTING_HARNESS_H_

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/poll.h>
#include <weft/testing/assertions.h>
#include <weft/testing/mock_task.h>

namespace weft::test {

// After so many polls in a row that each ended with a wake-up but not with a result,
// poll_until_idle gives up.
inline constexpr int kMostPolls = 150;

// What a poll of an A yields: what co_await yields, a reference as std::reference_wrapper.
template <class A>
using PolledResult =
    std::conditional_t<std::is_void_v<typename weft::internal::Branch<A>::result_type>, void,
                       typename weft::internal::Branch<A>::collected_type>;

// What spawn() returns. A is the awaitable's type, or a reference to it if it is borrowed. Used by
// one thread; may be woken from any. Movable until the first poll.
template <class A>
class [[nodiscard]] TestTask {
  using Branch = weft::internal::Branch<A>;

 public:
  using value_type = PolledResult<A>;

  explicit TestTask(A&& awaitable) : branch_(std::forward<A>(awaitable)) {}

  // One resume, with an unlimited budget. Throws what the awaitable throws. Fatal at `where` once
  // it has been ready.
  Poll<value_type> poll(std::source_location where = std::source_location::current()) {
    return enter([&](Context& cx) { return poll_with(cx, where); });
  }

  // poll(), and again as long as that has only woken the task. Throws AssertionFailed at `where` if
  // it goes on like that for kMostPolls polls: it wakes itself and makes no progress.
  Poll<value_type> poll_until_idle(std::source_location where = std::source_location::current()) {
    for (int i = 0; i < kMostPolls; ++i) {
      Poll<value_type> polled = poll(where);
      if (polled.is_ready() || !is_woken()) return polled;
    }
    throw AssertionFailed("TestTask::poll_until_idle: it wakes itself without progress", where);
  }

  // One poll with a context of the caller's, for instance one with a budget. Does not change what
  // is_woken() says.
  Poll<value_type> poll_with(Context& cx,
                             std::source_location where = std::source_location::current()) {
    WEFT_CHECK(!is_done_, "test::TestTask::poll: it has been ready already", where);
    if (!branch_.poll(cx)) return kPending;
    is_done_ = true;
    if constexpr (std::is_void_v<value_type>) {
      branch_.take();
      return {};
    } else {
      return branch_.take_collected();
    }
  }

  // The task of it all, as MockTask describes.
  template <std::invocable<Context&> Function>
  decltype(auto) enter(Function&& function) {
    return task_.enter(std::forward<Function>(function));
  }
  bool is_woken() const noexcept { return task_.is_woken(); }
  int wake_count() const noexcept { return task_.wake_count(); }
  int waker_ref_count() const noexcept { return task_.waker_ref_count(); }

 private:
  MockTask task_;  // outlives the branch
  Branch branch_;
  bool is_done_ = false;
};

namespace internal {

template <class S>
concept HasNext = requires(std::remove_reference_t<S>& stream) {
  { stream.next() } -> Awaitable;
};

}  // namespace internal

// What spawn() returns for a stream. S is its type, or a reference to it if it is borrowed.
template <class S>
class [[nodiscard]] TestStream {
  using Next = decltype(std::declval<std::remove_reference_t<S>&>().next());
  using Branch = weft::internal::Branch<Next>;

 public:
  // What next() yields: an optional that is empty at the end.
  using value_type = PolledResult<Next>;

  explicit TestStream(S&& stream) : stream_(std::forward<S>(stream)) {}

  // One resume of a task that awaits the next value. As long as that is pending it is the same
  // next() that is polled; afterwards, a new one.
  Poll<value_type> poll_next() {
    return task_.enter([&](Context& cx) -> Poll<value_type> {
      if (!next_) next_ = std::make_unique<Branch>(stream_.next());
      if (!next_->poll(cx)) return kPending;
      const std::unique_ptr<Branch> done = std::move(next_);
      return done->take_collected();
    });
  }

  // Destroys the next() that is pending, as a task does that is cancelled or has lost a select.
  void cancel_next() noexcept { next_.reset(); }

  std::remove_reference_t<S>& stream() noexcept { return stream_; }

  template <std::invocable<Context&> Function>
  decltype(auto) enter(Function&& function) {
    return task_.enter(std::forward<Function>(function));
  }
  bool is_woken() const noexcept { return task_.is_woken(); }
  int wake_count() const noexcept { return task_.wake_count(); }
  int waker_ref_count() const noexcept { return task_.waker_ref_count(); }

 private:
  MockTask task_;
  S stream_;
  std::unique_ptr<Branch> next_;  // refers to stream_
};

// Takes an awaitable, or a stream, into its hands: an rvalue is moved in, an lvalue borrowed.
// Nothing is polled yet.
template <class A>
  requires Awaitable<A>
TestTask<A> spawn(A&& awaitable) {
  return TestTask<A>(std::forward<A>(awaitable));
}
template <class S>
  requires(!Awaitable<S> && internal::HasNext<S>)
TestStream<S> spawn(S&& stream) {
  return TestStream<S>(std::forward<S>(stream));
}

}  // namespace weft::test

#endif  // WEFT_TESTING_HARNESS_H_
