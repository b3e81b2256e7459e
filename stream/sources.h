// Where streams begin: iter, once, empty, pending, unfold. For one written as a coroutine see
// generator.h.
//
// Spec: ST-6.
//
//   Task<std::optional<std::pair<int, int>>> halve(int n) {
//     if (n == 0) co_return std::nullopt;  // the end
//     co_return std::pair(n, n / 2);       // an item, and the state for the next call
//   }
//   Task<int> count_halvings() {
//     auto numbers = stream::unfold(20, halve);  // 20 10 5 2 1
//     int count = 0;
//     while (co_await numbers.next()) ++count;
//     auto words = stream::iter(std::vector<std::string>{"a", "b"});
//     while (co_await words.next()) ++count;
//     co_return count;
//   }

#ifndef WEFT_STREAM_SOURCES_H_
#define WEFT_STREAM_SOURCES_H_

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>

#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/poll.h>
#include <weft/stream/concepts.h>
#include <weft/stream/internal/call_box.h>
#include <weft/stream/internal/range_cursor.h>
#include <weft/stream/internal/size_hint.h>
#include <weft/stream/internal/stream_base.h>

namespace weft::stream {

// What iter() returns. Fused.
template <class Cursor>
class [[nodiscard]] Iter : public internal::StreamBase<Iter<Cursor>, typename Cursor::item_type> {
  using T = typename Cursor::item_type;

 public:
  explicit Iter(Cursor cursor) : cursor_(std::move(cursor)) {}
  bool is_terminated() const { return cursor_.is_at_end(); }

 private:
  friend class internal::StreamBase<Iter, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    if (!cx.has_budget()) return kPending;
    if (cursor_.is_at_end()) return std::optional<T>();
    cx.spend_budget();
    return std::optional<T>(std::in_place, cursor_.take());
  }
  SizeHint hint() const { return cursor_.size_hint(); }

  Cursor cursor_;
};

// The elements of `range`. An rvalue container is moved in and gives its elements away; an lvalue
// is borrowed and a view kept, and the elements are copied. Always ready; takes a unit of budget
// for each item, so that an endless one lets others run.
template <std::ranges::input_range Range>
auto iter(Range&& range) {
  using Cursor = internal::RangeCursor<Range>;
  return Iter<Cursor>(Cursor(std::forward<Range>(range)));
}

// What once() and empty() return. Fused.
template <class T>
class [[nodiscard]] Once : public internal::StreamBase<Once<T>, T> {
 public:
  explicit Once(std::optional<T> item) : item_(std::move(item)) {}
  bool is_terminated() const noexcept { return !item_.has_value(); }

 private:
  friend class internal::StreamBase<Once, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    if (!item_) return std::optional<T>();
    if (!cx.has_budget()) return kPending;
    cx.spend_budget();
    return std::exchange(item_, std::nullopt);
  }
  SizeHint hint() const noexcept { return internal::exactly(item_ ? 1 : 0); }

  std::optional<T> item_;
};

// One item; none.
template <class T>
Once<std::decay_t<T>> once(T&& item) {
  return Once<std::decay_t<T>>(std::optional<std::decay_t<T>>(std::forward<T>(item)));
}
template <class T>
Once<T> empty() {
  return Once<T>(std::nullopt);
}

// What pending() returns.
template <class T>
class [[nodiscard]] PendingStream : public internal::StreamBase<PendingStream<T>, T> {
 private:
  friend class internal::StreamBase<PendingStream, T>;
  Poll<std::optional<T>> poll_item(Context&) noexcept { return kPending; }
  SizeHint hint() const noexcept { return internal::kNoHint; }
};

// Never yields anything, nor ends.
template <class T>
PendingStream<T> pending() {
  return PendingStream<T>();
}

// What unfold() returns. Fused.
template <class State, class Function>
class [[nodiscard]] Unfold
    : public internal::StreamBase<
          Unfold<State, Function>,
          typename AwaitResult<std::invoke_result_t<Function&, State>>::value_type::first_type> {
  using Step = std::invoke_result_t<Function&, State>;
  using T = typename AwaitResult<Step>::value_type::first_type;
  static_assert(std::same_as<AwaitResult<Step>, std::optional<std::pair<T, State>>>,
                "weft::stream::unfold: the function has to take the state and to yield "
                "std::optional<std::pair<Item, State>>");

 public:
  static constexpr bool kCancelDriven = internal::Operation<Step>::kCancelDriven;

  Unfold(State state, Function function)
      : state_(std::move(state)), function_(std::move(function)) {}
  bool is_terminated() const noexcept { return !state_ && !step_.is_under_way(); }

 private:
  friend class internal::StreamBase<Unfold, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    if (!step_.is_under_way()) {
      if (!state_) return std::optional<T>();
      State state = *std::exchange(state_, std::nullopt);
      step_.start(std::invoke(function_, std::move(state)));
    }
    if (!step_.poll(cx)) return kPending;
    std::optional<std::pair<T, State>> next = step_.take();
    if (!next) return std::optional<T>();
    state_.emplace(std::move(next->second));
    return std::optional<T>(std::move(next->first));
  }
  SizeHint hint() const noexcept {
    return is_terminated() ? internal::exactly(0) : internal::kNoHint;
  }
  template <class End>
  bool end_parts(End end) noexcept {
    return end(step_);
  }

  std::optional<State> state_;  // none: a step has it, or the end
  Function function_;
  internal::Operation<Step> step_;
};

// Calls function(state) for each item: an awaitable of std::optional<std::pair<Item, State>>, the
// item and the state for the next call, or nothing at the end. What it throws ends the stream. Its
// awaitable stays in the stream when a next() is destroyed.
template <class State, class Function>
auto unfold(State state, Function function) {
  return Unfold<State, Function>(std::move(state), std::move(function));
}

}  // namespace weft::stream

#endif  // WEFT_STREAM_SOURCES_H_
