// Parts of a stream: take, take_while, map_while; skip, skip_while.
//
// Spec: ST-9; ST-2, ST-3, ST-4.
//
//   Task<std::vector<int>> second_page(std::vector<int> all, std::size_t page_size) {
//     co_return co_await (stream::iter(all) | stream::skip(page_size) | stream::take(page_size) |
//                         stream::collect());
//   }

#ifndef WEFT_STREAM_LIMIT_H_
#define WEFT_STREAM_LIMIT_H_

#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/stream/concepts.h>
#include <weft/stream/internal/pipe.h>
#include <weft/stream/internal/size_hint.h>
#include <weft/stream/internal/source.h>

namespace weft::stream {

// What take() returns. Fused.
template <class S>
class [[nodiscard]] Take : public internal::Adapter<Take<S>, S, Item<S>> {
  using T = Item<S>;
  using Base = internal::Adapter<Take, S, T>;

 public:
  Take(S&& stream, std::size_t count) : Base(std::forward<S>(stream)), left_(count) {}
  bool is_terminated() const noexcept { return left_ == 0; }

 private:
  friend class internal::StreamBase<Take, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    if (left_ == 0) return std::optional<T>();
    Poll<std::optional<T>> polled = this->source_.poll_next(cx);
    if (polled.is_ready()) left_ = *polled ? left_ - 1 : 0;
    return polled;
  }
  SizeHint hint() const {
    if (left_ == 0) return internal::exactly(0);
    return internal::at_most(this->source_.size_hint(), left_);
  }

  std::size_t left_;
};

// The first `count` items. Ends after them without polling the stream again; with 0, never does.
template <Stream S>
auto take(S&& stream, std::size_t count) {
  return Take<S>(std::forward<S>(stream), count);
}
inline auto take(std::size_t count) {
  return internal::Pipe(
      [count]<class S>(S&& stream) { return take(std::forward<S>(stream), count); });
}

// What take_while() returns. Fused.
template <class S, class F>
class [[nodiscard]] TakeWhile : public internal::Adapter<TakeWhile<S, F>, S, Item<S>> {
  using T = Item<S>;
  using Base = internal::Adapter<TakeWhile, S, T>;

 public:
  TakeWhile(S&& stream, F predicate)
      : Base(std::forward<S>(stream)), predicate_(std::move(predicate)) {}
  bool is_terminated() const noexcept { return is_done_; }

 private:
  friend class internal::StreamBase<TakeWhile, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    if (is_done_) return std::optional<T>();
    Poll<std::optional<T>> polled = this->source_.poll_next(cx);
    if (polled.is_pending()) return polled;
    if (*polled && std::invoke(predicate_, std::as_const(**polled))) return polled;
    is_done_ = true;
    return std::optional<T>();
  }
  SizeHint hint() const {
    return is_done_ ? internal::exactly(0) : internal::up_to(this->source_.size_hint());
  }

  F predicate_;
  bool is_done_ = false;
};

// The items up to the first for which predicate(const item&) is false; that one is lost.
template <Stream S, class F>
auto take_while(S&& stream, F predicate) {
  static_assert(std::predicate<F&, const Item<S>&>,
                "weft::stream::take_while: the function has to take `const Item&` and return bool");
  return TakeWhile<S, F>(std::forward<S>(stream), std::move(predicate));
}
template <class F>
auto take_while(F predicate) {
  return internal::Pipe([f = std::move(predicate)]<class S>(S&& stream) mutable {
    return take_while(std::forward<S>(stream), std::move(f));
  });
}

// What map_while() returns. Fused.
template <class S, class F>
class [[nodiscard]] MapWhile
    : public internal::Adapter<MapWhile<S, F>, S,
                               typename std::invoke_result_t<F&, Item<S>>::value_type> {
  using T = typename std::invoke_result_t<F&, Item<S>>::value_type;
  using Base = internal::Adapter<MapWhile, S, T>;

 public:
  MapWhile(S&& stream, F function)
      : Base(std::forward<S>(stream)), function_(std::move(function)) {}
  bool is_terminated() const noexcept { return is_done_; }

 private:
  friend class internal::StreamBase<MapWhile, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    if (is_done_) return std::optional<T>();
    Poll<std::optional<Item<S>>> polled = this->source_.poll_next(cx);
    if (polled.is_pending()) return kPending;
    std::optional<T> item;
    if (*polled) item = std::invoke(function_, **std::move(polled));
    is_done_ = !item.has_value();
    return item;
  }
  SizeHint hint() const {
    return is_done_ ? internal::exactly(0) : internal::up_to(this->source_.size_hint());
  }

  F function_;
  bool is_done_ = false;
};

// What function(item), a std::optional, gives, up to the first that is empty.
template <Stream S, class F>
auto map_while(S&& stream, F function) {
  static_assert(std::invocable<F&, Item<S>>,
                "weft::stream::map_while: the function cannot be called with the stream's item");
  static_assert(internal::kIsOptional<std::invoke_result_t<F&, Item<S>>>,
                "weft::stream::map_while: the function has to return a std::optional");
  return MapWhile<S, F>(std::forward<S>(stream), std::move(function));
}
template <class F>
auto map_while(F function) {
  return internal::Pipe([f = std::move(function)]<class S>(S&& stream) mutable {
    return map_while(std::forward<S>(stream), std::move(f));
  });
}

// What skip() returns.
template <class S>
class [[nodiscard]] Skip : public internal::Adapter<Skip<S>, S, Item<S>> {
  using T = Item<S>;
  using Base = internal::Adapter<Skip, S, T>;

 public:
  Skip(S&& stream, std::size_t count) : Base(std::forward<S>(stream)), left_(count) {}

 private:
  friend class internal::StreamBase<Skip, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    for (;;) {
      Poll<std::optional<T>> polled = this->source_.poll_next(cx);
      if (polled.is_pending() || !*polled || left_ == 0) return polled;
      --left_;
    }
  }
  SizeHint hint() const { return internal::without(this->source_.size_hint(), left_); }

  std::size_t left_;
};

// Without the first `count` items.
template <Stream S>
auto skip(S&& stream, std::size_t count) {
  return Skip<S>(std::forward<S>(stream), count);
}
inline auto skip(std::size_t count) {
  return internal::Pipe(
      [count]<class S>(S&& stream) { return skip(std::forward<S>(stream), count); });
}

// What skip_while() returns.
template <class S, class F>
class [[nodiscard]] SkipWhile : public internal::Adapter<SkipWhile<S, F>, S, Item<S>> {
  using T = Item<S>;
  using Base = internal::Adapter<SkipWhile, S, T>;

 public:
  SkipWhile(S&& stream, F predicate)
      : Base(std::forward<S>(stream)), predicate_(std::move(predicate)) {}

 private:
  friend class internal::StreamBase<SkipWhile, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    for (;;) {
      Poll<std::optional<T>> polled = this->source_.poll_next(cx);
      if (polled.is_pending() || !*polled || !predicate_) return polled;
      if (std::invoke(*predicate_, std::as_const(**polled))) continue;
      predicate_.reset();
      return polled;
    }
  }
  SizeHint hint() const {
    const SizeHint all = this->source_.size_hint();
    return predicate_ ? internal::up_to(all) : all;
  }

  std::optional<F> predicate_;  // until it has refused an item
};

// From the first item on for which predicate(const item&) is false; it is not asked again, and
// destroyed.
template <Stream S, class F>
auto skip_while(S&& stream, F predicate) {
  static_assert(std::predicate<F&, const Item<S>&>,
                "weft::stream::skip_while: the function has to take `const Item&` and return bool");
  return SkipWhile<S, F>(std::forward<S>(stream), std::move(predicate));
}
template <class F>
auto skip_while(F predicate) {
  return internal::Pipe([f = std::move(predicate)]<class S>(S&& stream) mutable {
    return skip_while(std::forward<S>(stream), std::move(f));
  });
}

}  // namespace weft::stream

#endif  // WEFT_STREAM_LIMIT_H_
