// Streams made of another one, item by item: map, then, filter, filter_map, enumerate.
//
// Spec: ST-8; ST-2, ST-3.
//
//   Task<std::vector<std::string>> names_of_even_numbers() {
//     const auto is_even = [](int n) { return n % 2 == 0; };
//     auto names = count_to(4) | stream::filter(is_even) | stream::then(name_of);
//     co_return co_await stream::collect(std::move(names));
//   }

#ifndef WEFT_STREAM_TRANSFORM_H_
#define WEFT_STREAM_TRANSFORM_H_

#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/poll.h>
#include <weft/stream/concepts.h>
#include <weft/stream/internal/call_box.h>
#include <weft/stream/internal/pipe.h>
#include <weft/stream/internal/size_hint.h>
#include <weft/stream/internal/source.h>

namespace weft::stream {

// What map() returns.
template <class S, class F>
class [[nodiscard]] Map
    : public internal::Adapter<Map<S, F>, S, std::decay_t<std::invoke_result_t<F&, Item<S>>>> {
  using T = std::decay_t<std::invoke_result_t<F&, Item<S>>>;
  using Base = internal::Adapter<Map, S, T>;

 public:
  Map(S&& stream, F function) : Base(std::forward<S>(stream)), function_(std::move(function)) {}

 private:
  friend class internal::StreamBase<Map, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    Poll<std::optional<Item<S>>> polled = this->source_.poll_next(cx);
    if (polled.is_pending()) return kPending;
    if (!*polled) return std::optional<T>();
    return std::optional<T>(std::in_place, std::invoke(function_, **std::move(polled)));
  }
  SizeHint hint() const { return this->source_.size_hint(); }

  F function_;
};

// function(item) for each item.
template <Stream S, class F>
auto map(S&& stream, F function) {
  static_assert(std::invocable<F&, Item<S>>,
                "weft::stream::map: the function cannot be called with the stream's item");
  static_assert(!std::is_void_v<std::invoke_result_t<F&, Item<S>>>,
                "weft::stream::map: the function returns nothing, use for_each");
  return Map<S, F>(std::forward<S>(stream), std::move(function));
}
template <class F>
auto map(F function) {
  return internal::Pipe([f = std::move(function)]<class S>(S&& stream) mutable {
    return map(std::forward<S>(stream), std::move(f));
  });
}

// What then() returns.
template <class S, class F>
class [[nodiscard]] Then
    : public internal::StreamBase<
          Then<S, F>, typename internal::Operation<std::invoke_result_t<F&, Item<S>>>::value_type> {
  using Operation = internal::Operation<std::invoke_result_t<F&, Item<S>>>;
  using T = typename Operation::value_type;

 public:
  static constexpr bool kCancelDriven =
      internal::Source<S>::kCancelDriven || Operation::kCancelDriven;

  Then(S&& stream, F function) : source_(std::forward<S>(stream)), function_(std::move(function)) {}

 private:
  friend class internal::StreamBase<Then, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    if (!operation_.is_under_way()) {
      Poll<std::optional<Item<S>>> polled = source_.poll_next(cx);
      if (polled.is_pending()) return kPending;
      if (!*polled) return std::optional<T>();
      operation_.start(std::invoke(function_, **std::move(polled)));
    }
    if (!operation_.poll(cx)) return kPending;
    return std::optional<T>(std::in_place, operation_.take());
  }
  SizeHint hint() const {
    return internal::add(source_.size_hint(), internal::exactly(operation_.is_under_way() ? 1 : 0));
  }
  template <class End>
  bool end_parts(End end) noexcept {
    const bool has_ended = end(operation_);
    return end(source_) && has_ended;
  }

  internal::Source<S> source_;
  F function_;
  Operation operation_;  // after function_, which may own what it refers to
};

// What function(item), an awaitable, yields for each item; one at a time, in order. When a next()
// is destroyed the awaitable stays in the stream, and goes on at the following one. A void result
// is std::monostate.
template <Stream S, class F>
auto then(S&& stream, F function) {
  static_assert(std::invocable<F&, Item<S>>,
                "weft::stream::then: the function cannot be called with the stream's item");
  static_assert(Awaitable<std::invoke_result_t<F&, Item<S>>>,
                "weft::stream::then: what the function returns cannot be awaited, use map");
  return Then<S, F>(std::forward<S>(stream), std::move(function));
}
template <class F>
auto then(F function) {
  return internal::Pipe([f = std::move(function)]<class S>(S&& stream) mutable {
    return then(std::forward<S>(stream), std::move(f));
  });
}

// What filter() returns.
template <class S, class F>
class [[nodiscard]] Filter : public internal::Adapter<Filter<S, F>, S, Item<S>> {
  using T = Item<S>;
  using Base = internal::Adapter<Filter, S, T>;

 public:
  Filter(S&& stream, F predicate)
      : Base(std::forward<S>(stream)), predicate_(std::move(predicate)) {}

 private:
  friend class internal::StreamBase<Filter, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    for (;;) {
      Poll<std::optional<T>> polled = this->source_.poll_next(cx);
      if (polled.is_pending() || !*polled) return polled;
      if (std::invoke(predicate_, std::as_const(**polled))) return polled;
    }
  }
  SizeHint hint() const { return internal::up_to(this->source_.size_hint()); }

  F predicate_;
};

// The items for which predicate(const item&) is true.
template <Stream S, class F>
auto filter(S&& stream, F predicate) {
  static_assert(std::predicate<F&, const Item<S>&>,
                "weft::stream::filter: the function has to take `const Item&` and return bool");
  return Filter<S, F>(std::forward<S>(stream), std::move(predicate));
}
template <class F>
auto filter(F predicate) {
  return internal::Pipe([f = std::move(predicate)]<class S>(S&& stream) mutable {
    return filter(std::forward<S>(stream), std::move(f));
  });
}

// What filter_map() returns.
template <class S, class F>
class [[nodiscard]] FilterMap
    : public internal::Adapter<FilterMap<S, F>, S,
                               typename std::invoke_result_t<F&, Item<S>>::value_type> {
  using T = typename std::invoke_result_t<F&, Item<S>>::value_type;
  using Base = internal::Adapter<FilterMap, S, T>;

 public:
  FilterMap(S&& stream, F function)
      : Base(std::forward<S>(stream)), function_(std::move(function)) {}

 private:
  friend class internal::StreamBase<FilterMap, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    for (;;) {
      Poll<std::optional<Item<S>>> polled = this->source_.poll_next(cx);
      if (polled.is_pending()) return kPending;
      if (!*polled) return std::optional<T>();
      std::optional<T> item = std::invoke(function_, **std::move(polled));
      if (item) return item;
    }
  }
  SizeHint hint() const { return internal::up_to(this->source_.size_hint()); }

  F function_;
};

// The items that function(item), a std::optional, is not empty for.
template <Stream S, class F>
auto filter_map(S&& stream, F function) {
  static_assert(std::invocable<F&, Item<S>>,
                "weft::stream::filter_map: the function cannot be called with the stream's item");
  static_assert(internal::kIsOptional<std::invoke_result_t<F&, Item<S>>>,
                "weft::stream::filter_map: the function has to return a std::optional");
  return FilterMap<S, F>(std::forward<S>(stream), std::move(function));
}
template <class F>
auto filter_map(F function) {
  return internal::Pipe([f = std::move(function)]<class S>(S&& stream) mutable {
    return filter_map(std::forward<S>(stream), std::move(f));
  });
}

// What enumerate() returns.
template <class S>
class [[nodiscard]] Enumerate
    : public internal::Adapter<Enumerate<S>, S, std::pair<std::size_t, Item<S>>> {
  using T = std::pair<std::size_t, Item<S>>;
  using Base = internal::Adapter<Enumerate, S, T>;

 public:
  explicit Enumerate(S&& stream) : Base(std::forward<S>(stream)) {}

 private:
  friend class internal::StreamBase<Enumerate, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    Poll<std::optional<Item<S>>> polled = this->source_.poll_next(cx);
    if (polled.is_pending()) return kPending;
    if (!*polled) return std::optional<T>();
    return std::optional<T>(std::in_place, count_++, **std::move(polled));
  }
  SizeHint hint() const { return this->source_.size_hint(); }

  std::size_t count_ = 0;
};

// Each item with its number, from 0.
template <Stream S>
auto enumerate(S&& stream) {
  return Enumerate<S>(std::forward<S>(stream));
}
inline auto enumerate() {
  return internal::Pipe([]<class S>(S&& stream) { return enumerate(std::forward<S>(stream)); });
}

}  // namespace weft::stream

#endif  // WEFT_STREAM_TRANSFORM_H_
