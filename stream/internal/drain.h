// DrainState: what polls a stream to its end, or until something is decided.
//
// Spec: ST-12, ST-13.
//
// `Derived` has bool add(Item&&), false: enough, and result(). All state is in the awaitable
// (runtime/in_place_leaf.h): what it has gathered goes with it.

#ifndef WEFT_STREAM_INTERNAL_DRAIN_H_
#define WEFT_STREAM_INTERNAL_DRAIN_H_

#include <exception>
#include <optional>
#include <utility>

#include <weft/runtime/context.h>
#include <weft/runtime/in_place_leaf.h>
#include <weft/runtime/poll.h>
#include <weft/stream/internal/source.h>

namespace weft::stream::internal {

template <class Derived, class S>
class DrainState {
 public:
  static constexpr const char* kWaitingOn = "stream";

  bool poll(Context& cx) noexcept {
    try {
      for (;;) {
        Poll<std::optional<Item<S>>> polled = source_.poll_next(cx);
        if (polled.is_pending()) return false;
        if (!*polled || !static_cast<Derived&>(*this).add(**std::move(polled))) return true;
      }
    } catch (...) {
      thrown_ = std::current_exception();
      return true;
    }
  }
  bool poll_cancel(Context& cx) noexcept
    requires Source<S>::kCancelDriven
  {
    return source_.poll_cancel(cx);
  }
  bool poll_abandon(Context& cx) noexcept
    requires Source<S>::kCancelDriven
  {
    return source_.poll_abandon(cx);
  }
  decltype(auto) take() {
    if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
    return static_cast<Derived&>(*this).result();
  }

 protected:
  explicit DrainState(S&& stream) : source_(std::forward<S>(stream)) {}

  Source<S> source_;

 private:
  std::exception_ptr thrown_;
};

template <class State, class... Args>
auto drain(Args&&... args) {
  return weft::internal::InPlaceAwaitable<State>(std::in_place, std::forward<Args>(args)...);
}

}  // namespace weft::stream::internal

#endif  // WEFT_STREAM_INTERNAL_DRAIN_H_
