// poll_fn: an awaitable made of a poll function.
//
// Spec: api.md (poll_fn, Poll, kPending).
//
//   int n = co_await weft::poll_fn([&](weft::Context& cx) -> weft::Poll<int> {
//     if (!queue.empty()) return queue.take();
//     waiter = cx.waker();                     // whoever fills the queue wakes it
//     return weft::kPending;
//   });
//
// With g++ 12 a lambda whose captures have destructors has to be named first
// (docs/topics/compilers.md).

#ifndef WEFT_RUNTIME_POLL_FN_H_
#define WEFT_RUNTIME_POLL_FN_H_

#include <concepts>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/runtime/context.h>
#include <weft/runtime/in_place_leaf.h>
#include <weft/runtime/poll.h>

namespace weft {
namespace internal {

template <class P>
inline constexpr bool kIsPoll = false;
template <class T>
inline constexpr bool kIsPoll<Poll<T>> = true;

template <class Function>
class PollFnState {
  using Polled = std::invoke_result_t<Function&, Context&>;
  static_assert(kIsPoll<Polled>, "weft::poll_fn: the function must return a weft::Poll<T>");
  using T = typename Polled::value_type;

 public:
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, PollFnState>)
  explicit PollFnState(F&& function) : function_(std::forward<F>(function)) {}

  bool poll(Context& cx) noexcept {
    try {
      polled_.emplace(std::invoke(function_, cx));
      return polled_->is_ready();
    } catch (...) {
      thrown_ = std::current_exception();
      return true;
    }
  }
  T take() {
    if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
    if constexpr (!std::is_void_v<T>) return **std::move(polled_);
  }
  static constexpr const char* kWaitingOn = "poll_fn";

 private:
  Function function_;
  std::optional<Polled> polled_;  // the last answer
  std::exception_ptr thrown_;
};

}  // namespace internal

// Calls `function(Context&) -> Poll<T>` on each poll and yields the T when it is ready; not again
// after that. A function that answers kPending must have seen to it that the context's waker is
// woken. What it throws comes out of co_await. Takes no budget. Destroying it destroys the
// function.
template <std::invocable<Context&> Function>
[[nodiscard]] auto poll_fn(Function function) {
  using State = internal::PollFnState<Function>;
  return internal::InPlaceAwaitable<State>(std::in_place, std::move(function));
}

}  // namespace weft

#endif  // WEFT_RUNTIME_POLL_FN_H_
