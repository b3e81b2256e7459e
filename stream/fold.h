// Ends of a stream: fold, for_each, all, any; and try_next for streams of results.
//
// Spec: ST-2, ST-12, ST-13. For containers see collect.h, for functions that are coroutines
// buffered.h.
//
// What has been gathered is in the awaitable and goes with it: none of these is cancel safe but
// try_next.
//
//   Task<bool> has_negative(std::vector<int> numbers) {
//     co_return co_await stream::any(stream::iter(numbers), [](int n) { return n < 0; });
//   }
//   Task<long> product(std::vector<int> numbers) {
//     const auto times = [](long so_far, int n) { return so_far * n; };
//     co_return co_await stream::fold(stream::iter(numbers), 1L, times);
//   }

#ifndef WEFT_STREAM_FOLD_H_
#define WEFT_STREAM_FOLD_H_

#include <concepts>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/context.h>
#include <weft/runtime/in_place_leaf.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>
#include <weft/stream/concepts.h>
#include <weft/stream/internal/call_box.h>
#include <weft/stream/internal/drain.h>
#include <weft/stream/internal/pipe.h>
#include <weft/stream/internal/source.h>

namespace weft::stream {

namespace internal {

template <class S, class T, class F>
class FoldState : public DrainState<FoldState<S, T, F>, S> {
 public:
  FoldState(S&& stream, T initial, F function)
      : DrainState<FoldState, S>(std::forward<S>(stream)),
        value_(std::move(initial)),
        function_(std::move(function)) {}
  bool add(Item<S>&& item) {
    value_ = std::invoke(function_, std::move(value_), std::move(item));
    return true;
  }
  T result() { return std::move(value_); }

 private:
  T value_;
  F function_;
};

template <class S, class F>
class ForEachState : public DrainState<ForEachState<S, F>, S> {
 public:
  ForEachState(S&& stream, F function)
      : DrainState<ForEachState, S>(std::forward<S>(stream)), function_(std::move(function)) {}
  bool add(Item<S>&& item) {
    static_cast<void>(std::invoke(function_, std::move(item)));
    return true;
  }
  void result() noexcept {}

 private:
  F function_;
};

// Looks for the first item for which the predicate is `kDeciding`.
template <bool kDeciding, class S, class F>
class DecideState : public DrainState<DecideState<kDeciding, S, F>, S> {
 public:
  DecideState(S&& stream, F predicate)
      : DrainState<DecideState, S>(std::forward<S>(stream)), predicate_(std::move(predicate)) {}
  bool add(Item<S>&& item) {
    if (static_cast<bool>(std::invoke(predicate_, std::move(item))) != kDeciding) return true;
    is_decided_ = true;
    return false;
  }
  bool result() noexcept { return is_decided_ == kDeciding; }

 private:
  F predicate_;
  bool is_decided_ = false;
};

// next() of a stream of results, turned inside out.
template <class S>
class TryNextState {
  using Branch = weft::internal::Branch<NextOf<S>>;
  using Value = typename Item<S>::value_type;
  using Output = Result<std::optional<Value>, typename Item<S>::error_type>;

 public:
  static constexpr const char* kWaitingOn = "stream";

  explicit TryNextState(S& stream) : next_(stream.next()) {}
  bool poll(Context& cx) noexcept { return next_.poll(cx); }
  bool poll_cancel(Context& cx) noexcept
    requires Branch::kCancelDriven
  {
    return next_.poll_cancel(cx);
  }
  bool poll_abandon(Context& cx) noexcept
    requires Branch::kCancelDriven
  {
    return next_.poll_abandon(cx);
  }
  static constexpr bool kIsTransparent = true;
  void describe(WaitReport& report) noexcept { next_.describe(report); }
  Output take() {
    std::optional<Item<S>> item = next_.take();
    if (!item) return std::optional<Value>();
    if (!*item) return Err(std::move(*item).error());
    return std::optional<Value>(**std::move(item));
  }

 private:
  Branch next_;
};

}  // namespace internal

// value = function(value, item) for each item, beginning with `initial`: yields the last value.
template <Stream S, class T, class F>
[[nodiscard]] auto fold(S&& stream, T initial, F function) {
  static_assert(std::is_invocable_r_v<T, F&, T, Item<S>>,
                "weft::stream::fold: the function has to take the value and the stream's item, and "
                "to return the new value");
  return internal::drain<internal::FoldState<S, T, F>>(std::forward<S>(stream), std::move(initial),
                                                       std::move(function));
}
template <class T, class F>
auto fold(T initial, F function) {
  return internal::Pipe(
      [t = std::move(initial), f = std::move(function)]<class S>(S&& stream) mutable {
        return fold(std::forward<S>(stream), std::move(t), std::move(f));
      });
}

// Calls function(item) for each item.
template <Stream S, class F>
[[nodiscard]] auto for_each(S&& stream, F function) {
  static_assert(std::invocable<F&, Item<S>>,
                "weft::stream::for_each: the function cannot be called with the stream's item");
  static_assert(!Awaitable<std::invoke_result_t<F&, Item<S>>>,
                "weft::stream::for_each: what the function returns has to be awaited, use "
                "for_each_concurrent");
  return internal::drain<internal::ForEachState<S, F>>(std::forward<S>(stream),
                                                       std::move(function));
}
template <class F>
auto for_each(F function) {
  return internal::Pipe([f = std::move(function)]<class S>(S&& stream) mutable {
    return for_each(std::forward<S>(stream), std::move(f));
  });
}

// Whether predicate(item) is true for all items, for any. Stops at the item that decides it, which
// is consumed; the rest stays in a borrowed stream.
template <Stream S, class F>
[[nodiscard]] auto all(S&& stream, F predicate) {
  static_assert(std::predicate<F&, Item<S>>,
                "weft::stream::all: the function has to take the stream's item and return bool");
  return internal::drain<internal::DecideState<false, S, F>>(std::forward<S>(stream),
                                                             std::move(predicate));
}
template <class F>
auto all(F predicate) {
  return internal::Pipe([f = std::move(predicate)]<class S>(S&& stream) mutable {
    return all(std::forward<S>(stream), std::move(f));
  });
}
template <Stream S, class F>
[[nodiscard]] auto any(S&& stream, F predicate) {
  static_assert(std::predicate<F&, Item<S>>,
                "weft::stream::any: the function has to take the stream's item and return bool");
  return internal::drain<internal::DecideState<true, S, F>>(std::forward<S>(stream),
                                                            std::move(predicate));
}
template <class F>
auto any(F predicate) {
  return internal::Pipe([f = std::move(predicate)]<class S>(S&& stream) mutable {
    return any(std::forward<S>(stream), std::move(f));
  });
}

// next() of a stream of Result<T, E>: Result<std::optional<T>, E>. As cancel safe as next().
template <Stream S>
[[nodiscard]] auto try_next(S& stream) {
  return weft::internal::InPlaceAwaitable<internal::TryNextState<S>>(std::in_place, stream);
}

}  // namespace weft::stream

#endif  // WEFT_STREAM_FOLD_H_
