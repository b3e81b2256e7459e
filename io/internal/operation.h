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
//     auto& subject() const { return *reader_; }   // what it waits for; or else describe(report)
//     static constexpr const char* kWaitingOn = "read";
//   };
//
// Movable until it is awaited. Where its poll form is cancel safe, so is destroying it.

#ifndef WEFT_IO_INTERNAL_OPERATION_H_
#define WEFT_IO_INTERNAL_OPERATION_H_

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/io/concepts.h>
#include <weft/runtime/context.h>
#include <weft/runtime/in_place_leaf.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/wait_report.h>

namespace weft::io::internal {

// For dumps: the descriptor of `stream`, or of what it is an adaptor of, if there is one. Any
// thread, while a task waits for it. Closing a socket leaves its record where it is.
template <class S>
void describe_descriptor(WaitReport& report, const char* what, S& stream) noexcept {
  if constexpr (requires { stream.read_registration(); }) {
    report.note(what, static_cast<std::uint64_t>(stream.read_registration().record().number()));
  } else if constexpr (requires { stream.write_registration(); }) {
    report.note(what, static_cast<std::uint64_t>(stream.write_registration().record().number()));
  } else if constexpr (requires { stream.describe_wait(report, what); }) {
    stream.describe_wait(report, what);
  } else if constexpr (requires {
                         { stream.inner() } noexcept;
                         model(stream.inner());
                       }) {
    describe_descriptor(report, what, model(stream.inner()));
  }
}

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
  void describe(WaitReport& report) noexcept {
    if constexpr (requires { step_.describe(report); }) {
      step_.describe(report);
    } else if constexpr (requires { step_.subject(); }) {
      auto& subject = step_.subject();
      report.object(std::addressof(subject));
      describe_descriptor(report, "is the descriptor", model(subject));
    }
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
