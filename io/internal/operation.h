// Operation: an awaitable made of a poll function of a stream.
//
// Spec: io.md "await form" and "poll form"; api.md "Conventions".
//
// As weft::poll_fn, but that the function is a class of ours: it says what it is waiting on, for
// dumps. What a user's stream throws comes out of the co_await.
//
//   class ReadOnce {
//    public:
//     Poll<Result<std::size_t>> operator()(Context& cx);
//     static constexpr const char* kWaitingOn = "read";
//   };
//
// Movable until it is awaited. Where its poll form is cancel safe, so is destroying it.

#ifndef WEFT_IO_INTERNAL_OPERATION_H_
#define WEFT_IO_INTERNAL_OPERATION_H_

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/runtime/context.h>
#include <weft/runtime/in_place_leaf.h>
#include <weft/runtime/poll.h>

namespace weft::io::internal {

template <class Step>
class OperationState {
  using T = typename std::invoke_result_t<Step&, Context&>::value_type;

 public:
  explicit OperationState(Step&& step) noexcept(std::is_nothrow_move_constructible_v<Step>)
      : step_(std::move(step)) {}

  bool poll(Context& cx) noexcept {
    try {
      Poll<T> polled = step_(cx);
      if (polled.is_pending()) return false;
      result_.emplace(*std::move(polled));
    } catch (...) {
      thrown_ = std::current_exception();
    }
    return true;
  }
  T take() {
    if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
    return *std::move(result_);
  }
  static constexpr const char* kWaitingOn = Step::kWaitingOn;

 private:
  Step step_;
  std::optional<T> result_;
  std::exception_ptr thrown_;
};

template <class Step>
using Operation = weft::internal::InPlaceAwaitable<OperationState<Step>>;

template <class Step>
[[nodiscard]] Operation<Step> operation(Step step) {
  return Operation<Step>(std::in_place, std::move(step));
}

}  // namespace weft::io::internal

#endif  // WEFT_IO_INTERNAL_OPERATION_H_
