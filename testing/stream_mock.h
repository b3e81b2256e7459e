// StreamMock: a stream that plays a script.
//
// Spec: TE-4.
//
//   TEST(Sum, TakesItsTime) {
//     test::PausedRuntime runtime;
//     auto stream = test::StreamMockBuilder<int>().next(1).wait(5s).next(2).build();
//     EXPECT_EQ(runtime.block_on(sum(std::move(stream))), 3);
//     EXPECT_EQ(runtime.elapsed(), 5s);
//   }
//
// Values that are left when it is destroyed are a failure (failure.h), unless an exception is on
// its way; waits may be left. Its end may be asked for any number of times.

#ifndef WEFT_TESTING_STREAM_MOCK_H_
#define WEFT_TESTING_STREAM_MOCK_H_

#include <chrono>
#include <cstddef>
#include <deque>
#include <exception>
#include <optional>
#include <source_location>
#include <string>
#include <utility>
#include <variant>

#include <weft/base/check.h>
#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/testing/failure.h>
#include <weft/time/sleep.h>

namespace weft::test {

template <class T>
class StreamMockBuilder;

// A stream of T. Used by one task at a time. Movable until it has waited; moved from, it is at its
// end.
template <class T>
class StreamMock {
  class Node;

 public:
  // What next() returns. Refers to the stream.
  class [[nodiscard]] Next {
   public:
    explicit Next(StreamMock& stream) noexcept : stream_(&stream) {}
    LeafAwaiter<Node> operator co_await() const noexcept { return LeafAwaiter<Node>(*stream_); }

   private:
    StreamMock* stream_;
  };

  StreamMock(StreamMock&& other) noexcept
      : actions_(std::exchange(other.actions_, {})),
        sleep_(std::exchange(other.sleep_, std::nullopt)),
        where_(other.where_) {}
  StreamMock& operator=(StreamMock&&) = delete;
  ~StreamMock() {
    if (std::uncaught_exceptions() != 0) return;
    std::size_t left = 0;
    for (const Action& action : actions_) left += std::holds_alternative<T>(action);
    if (left == 0) return;
    internal::report_failure(
        "test::StreamMock: destroyed, and " + std::to_string(left) + " values are left", where_);
  }

  // The next value of the script, after the waits before it; nothing at its end. Cancel safe: no
  // value is lost, and a wait that has begun goes on.
  Next next() noexcept { return Next(*this); }

 private:
  friend class StreamMockBuilder<T>;
  using Action = std::variant<T, std::chrono::nanoseconds>;

  StreamMock(std::deque<Action> actions, std::source_location where)
      : actions_(std::move(actions)), where_(where) {}

  // True: not waiting.
  bool poll_waits(Context& cx) {
    while (!actions_.empty()) {
      const auto* const duration = std::get_if<std::chrono::nanoseconds>(&actions_.front());
      if (duration == nullptr) break;
      if (!sleep_) sleep_.emplace(time::sleep(*duration));
      if (!sleep_->poll(cx)) return false;
      sleep_.reset();
      actions_.pop_front();
    }
    return true;
  }

  std::deque<Action> actions_;
  std::optional<time::Sleep> sleep_;  // of the wait that is first
  std::source_location where_;
};

template <class T>
class StreamMock<T>::Node : public Leaf {
 public:
  explicit Node(StreamMock& stream) noexcept : stream_(stream) {}

  bool poll(Context& cx) noexcept { return stream_.poll_waits(cx); }
  std::optional<T> take() {
    if (stream_.actions_.empty()) return std::nullopt;
    std::optional<T> value(std::get<T>(std::move(stream_.actions_.front())));
    stream_.actions_.pop_front();
    return value;
  }
  static constexpr const char* kWaitingOn = "stream mock";

 private:
  StreamMock& stream_;
};

// Writes the script.
template <class T>
class StreamMockBuilder {
  static_assert(!std::is_same_v<T, std::chrono::nanoseconds>,
                "test::StreamMock: wrap nanoseconds in a type of your own");

 public:
  StreamMockBuilder& next(T value) {
    actions_.emplace_back(std::in_place_index<0>, std::move(value));
    return *this;
  }
  // Nothing comes for so long, counted from when it is asked for. Fatal at `where` if it is less
  // than a millisecond.
  StreamMockBuilder& wait(std::chrono::nanoseconds duration,
                          std::source_location where = std::source_location::current()) {
    WEFT_CHECK(duration >= std::chrono::milliseconds(1),
               "test::StreamMockBuilder::wait: less than a millisecond, which timers cannot tell "
               "apart",
               where);
    actions_.emplace_back(std::in_place_index<1>, duration);
    return *this;
  }

  // The stream; failures name `where`. Uses the builder up.
  StreamMock<T> build(std::source_location where = std::source_location::current()) {
    return StreamMock<T>(std::move(actions_), where);
  }

 private:
  std::deque<typename StreamMock<T>::Action> actions_;
};

}  // namespace weft::test

#endif  // WEFT_TESTING_STREAM_MOCK_H_
