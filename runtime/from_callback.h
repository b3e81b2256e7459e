// from_callback: an operation that reports by a callback, as an awaitable.
//
// Spec: R-180.
//
//   Result<int> answer = co_await from_callback<int>([&](auto done) {
//     resolver.resolve(name, [done](int address) { done(address); });
//   });
//
// and for a C library, whose callbacks take a pointer:
//
//   void on_read(void* user, int status) { Completion<int>::adopt(user)(status); }
//
//   Result<int> status = co_await from_callback<int>([&](auto done) {
//     lib_read(handle, buffer, &on_read, std::move(done).release());
//   });
//
// The initiating function is called once, by the first poll. `done` may be called inside it, later,
// on any thread, or when nobody waits any more. It only stores the value and wakes the task.
//
// With g++ 12 a lambda whose captures have destructors has to be named first
// (docs/topics/compilers.md).

#ifndef WEFT_RUNTIME_FROM_CALLBACK_H_
#define WEFT_RUNTIME_FROM_CALLBACK_H_

#include <concepts>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/base/error.h>
#include <weft/base/result.h>
#include <weft/runtime/completion.h>
#include <weft/runtime/context.h>
#include <weft/runtime/in_place_leaf.h>

namespace weft {
namespace internal {

// What from_callback<T> yields: a Result, which has an error for the callback that never comes. A T
// that is a Result has room for that error itself.
template <class T>
struct CallbackResult {
  using type = Result<T>;
};
template <class T, class E>
  requires std::constructible_from<E, Error>
struct CallbackResult<Result<T, E>> {
  using type = Result<T, E>;
};

// For operations that cannot be cancelled.
struct NoCancel {};

// Movable until the first poll.
template <class T, class Initiate, class Cancel>
class FromCallbackState {
  using Started = std::invoke_result_t<Initiate&, Completion<T>>;
  static constexpr bool kCancels = !std::is_same_v<Cancel, NoCancel>;
  static constexpr bool kKeepsStarted = kCancels && !std::is_void_v<Started>;
  using Kept = std::conditional_t<kKeepsStarted, std::optional<Started>, NoCancel>;

 public:
  using Yielded = typename CallbackResult<T>::type;
  static constexpr const char* kWaitingOn = "callback";

  template <class I, class C>
  FromCallbackState(std::in_place_t, I&& initiate, C&& cancel)
      : initiate_(std::forward<I>(initiate)), cancel_(std::forward<C>(cancel)) {}
  FromCallbackState(FromCallbackState&&) = default;
  FromCallbackState& operator=(FromCallbackState&&) = delete;
  ~FromCallbackState() {
    if (waiting_.close() && thrown_ == nullptr) cancel();
  }

  bool poll(Context& cx) noexcept {
    if (!cx.has_budget()) return false;
    if (!waiting_.has_started()) start();
    if (thrown_ == nullptr && !waiting_.poll(cx)) return false;
    cx.spend_budget();
    return true;
  }
  Yielded take() {
    if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
    if (waiting_.was_dropped()) return Err(Error(Errc::closed));
    if constexpr (std::is_void_v<T>) {
      waiting_.take();
      return {};
    } else {
      return waiting_.take();
    }
  }

 private:
  void start() noexcept {
    try {
      Completion<T> done = waiting_.start();
      if constexpr (kKeepsStarted) {
        started_.emplace(std::invoke(initiate_, std::move(done)));
      } else {
        static_cast<void>(std::invoke(initiate_, std::move(done)));
      }
    } catch (...) {
      thrown_ = std::current_exception();
    }
  }
  void cancel() noexcept {
    if constexpr (kKeepsStarted) {
      std::invoke(cancel_, *std::move(started_));
    } else if constexpr (kCancels) {
      std::invoke(cancel_);
    }
  }

  [[no_unique_address]] Initiate initiate_;
  [[no_unique_address]] Cancel cancel_;
  [[no_unique_address]] Kept started_{};
  CompletionWait<T> waiting_;
  std::exception_ptr thrown_;  // by the initiating function
};

template <class T, class Initiate, class Cancel>
auto make_from_callback(Initiate&& initiate, Cancel&& cancel) {
  using State = FromCallbackState<T, std::decay_t<Initiate>, std::decay_t<Cancel>>;
  return InPlaceAwaitable<State>(std::in_place, std::in_place, std::forward<Initiate>(initiate),
                                 std::forward<Cancel>(cancel));
}

}  // namespace internal

// Calls initiate(Completion<T>) when it is first polled and yields what the completion is called
// with: Result<T>, or for a T that is itself a Result with room for an Error, that. The error is
// Errc::closed if all copies of the completion are destroyed and none was called. What `initiate`
// throws, and what Completion::fail() is given, comes out of the co_await. Takes one unit of the
// budget. A completion that is kept for ever uncalled is waited for, for ever: give it a timeout.
//
// Cancel safe: a call that comes after this was destroyed finds nobody and answers false. The
// operation itself goes on, so it must not use memory of the coroutine that awaited it.
template <class T, class Initiate>
  requires std::invocable<std::decay_t<Initiate>&, Completion<T>>
[[nodiscard]] auto from_callback(Initiate&& initiate) {
  return internal::make_from_callback<T>(std::forward<Initiate>(initiate), internal::NoCancel{});
}

// The same for an operation that can be cancelled: if this is destroyed after `initiate` has been
// called and before the completion was, it calls cancel(started), where `started` is what
// `initiate` returned, or cancel() if that is void. Not otherwise, and once. `cancel` does not
// throw. It may call the completion, which answers false. Another thread may be about to call it
// too: whether it finds the operation in order is between it and the library. If the library is
// done with the awaiting coroutine's memory when `cancel` returns, it may use some.
template <class T, class Initiate, class Cancel>
  requires std::invocable<std::decay_t<Initiate>&, Completion<T>>
[[nodiscard]] auto from_callback(Initiate&& initiate, Cancel&& cancel) {
  return internal::make_from_callback<T>(std::forward<Initiate>(initiate),
                                         std::forward<Cancel>(cancel));
}

}  // namespace weft

#endif  // WEFT_RUNTIME_FROM_CALLBACK_H_
