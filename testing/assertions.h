// Assertions about polls, results and elapsed time, for any test framework.
//
// Spec: TE-2.
//
// Each is a function. If what it asserts is not so it throws AssertionFailed, whose what() is one
// line with the caller's file and line, the assertion, and the value that was found; every
// framework reports an exception that leaves a test as its failure. Those that assert that there is
// a value return it, so that a test needs no second look:
//
//   TEST(Channel, RecvWaitsForAMessage) {
//     auto [sender, receiver] = sync::mpsc::channel<int>(1);
//     auto wait = test::spawn(receiver.recv());
//     test::assert_pending(wait.poll());
//     test::assert_ok(sender.try_send(7));
//     const std::optional<int> got = test::assert_ready(wait.poll());
//     EXPECT_EQ(got, 7);
//   }
//
// In a coroutine they work as elsewhere: the exception comes out of the awaiting side.

#ifndef WEFT_TESTING_ASSERTIONS_H_
#define WEFT_TESTING_ASSERTIONS_H_

#include <chrono>
#include <concepts>
#include <optional>
#include <ostream>
#include <source_location>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/poll.h>
#include <weft/time/instant.h>

namespace weft::test {

// What a failed assertion throws. Its text: "<file>:<line>: <message>".
class AssertionFailed : public std::logic_error {
 public:
  AssertionFailed(std::string_view message, std::source_location where);

  // Of the caller of the assertion.
  std::source_location where() const noexcept { return where_; }

 private:
  std::source_location where_;
};

namespace internal {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };
template <class T>
concept HasToString = requires(const T& value) {
  { value.to_string() } -> std::convertible_to<std::string>;
};

[[noreturn]] void fail(std::string_view assertion, std::string_view found,
                       std::source_location where);
std::string describe_opaque(std::size_t size);

// `value` as people read it.
template <class T>
std::string describe(const T& value) {
  if constexpr (Streamable<T>) {
    std::ostringstream out;
    out << std::boolalpha << value;
    return std::move(out).str();
  } else if constexpr (HasToString<T>) {
    return value.to_string();
  } else {
    return describe_opaque(sizeof(T));
  }
}
template <class T>
std::string describe(const std::optional<T>& value) {
  return value ? "some " + describe(*value) : "nothing";
}
template <class T, class E>
std::string describe(const Result<T, E>& result) {
  if (!result) return "error " + describe(result.error());
  if constexpr (std::is_void_v<T>) {
    return "ok";
  } else {
    return "ok " + describe(*result);
  }
}
template <class T>
std::string describe(const Poll<T>& polled) {
  if (polled.is_pending()) return "pending";
  if constexpr (std::is_void_v<T>) {
    return "ready";
  } else {
    return "ready " + describe(*polled);
  }
}

}  // namespace internal

// It has to wait.
template <class T>
void assert_pending(const Poll<T>& polled,
                    std::source_location where = std::source_location::current()) {
  if (polled.is_ready()) internal::fail("assert_pending", internal::describe(polled), where);
}

// It is ready. Returns the value.
template <class T>
T assert_ready(Poll<T> polled, std::source_location where = std::source_location::current()) {
  if (polled.is_pending()) internal::fail("assert_ready", "pending", where);
  if constexpr (!std::is_void_v<T>) return *std::move(polled);
}

// The result is a value; it is an error. Return that.
template <class T, class E>
T assert_ok(Result<T, E> result, std::source_location where = std::source_location::current()) {
  if (!result) internal::fail("assert_ok", internal::describe(result), where);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}
template <class T, class E>
E assert_err(Result<T, E> result, std::source_location where = std::source_location::current()) {
  if (result) internal::fail("assert_err", internal::describe(result), where);
  return std::move(result).error();
}

// It is ready, with a value or an error. Return that.
template <class T, class E>
T assert_ready_ok(Poll<Result<T, E>> polled,
                  std::source_location where = std::source_location::current()) {
  if (polled.is_pending() || !*polled) {
    internal::fail("assert_ready_ok", internal::describe(polled), where);
  }
  if constexpr (!std::is_void_v<T>) return **std::move(polled);
}
template <class T, class E>
E assert_ready_err(Poll<Result<T, E>> polled,
                   std::source_location where = std::source_location::current()) {
  if (polled.is_pending() || *polled) {
    internal::fail("assert_ready_err", internal::describe(polled), where);
  }
  return std::move(*polled).error();
}

// It is ready, and the value equals `expected`.
template <class T, class U>
  requires std::equality_comparable_with<const T&, const U&>
void assert_ready_eq(const Poll<T>& polled, const U& expected,
                     std::source_location where = std::source_location::current()) {
  if (polled.is_ready() && *polled == expected) return;
  internal::fail("assert_ready_eq",
                 internal::describe(polled) + ", expected " + internal::describe(expected), where);
}

// By the clock of the current runtime, `duration` has passed since `start`, and not a millisecond
// more: that is how exact timers are.
void assert_elapsed(time::Instant start, std::chrono::nanoseconds duration,
                    std::source_location where = std::source_location::current());

}  // namespace weft::test

#endif  // WEFT_TESTING_ASSERTIONS_H_
