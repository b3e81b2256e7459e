// collect: all items of a stream in one container.
//
// Spec: ST-12, ST-13.
//
//   Result<int> digit(char c) {
//     if (c < '0' || c > '9') return Err(Errc::invalid_data);
//     return c - '0';
//   }
//   Task<Result<std::set<int>>> digits_of(std::string text) {
//     co_return co_await (stream::iter(text) | stream::map(digit) |
//                         stream::collect<Result<std::set<int>>>());  // up to the first error
//   }

#ifndef WEFT_STREAM_COLLECT_H_
#define WEFT_STREAM_COLLECT_H_

#include <concepts>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <weft/base/result.h>
#include <weft/stream/concepts.h>
#include <weft/stream/internal/drain.h>
#include <weft/stream/internal/pipe.h>

namespace weft::stream {

namespace internal {

struct ByDefault;  // a std::vector

// Gathers items of type T in a C. To collect into a container of another kind, make a way to add
// to it: push_back, push, insert, or append.
template <class C, class T>
class Gather {
 public:
  void expect(std::size_t count) {
    if constexpr (requires { items_.reserve(count); }) items_.reserve(count);
  }
  // False: no more.
  bool add(T&& item) {
    if constexpr (requires { items_.push_back(std::move(item)); }) {
      items_.push_back(std::move(item));
    } else if constexpr (requires { items_.push(std::move(item)); }) {
      items_.push(std::move(item));
    } else if constexpr (requires { items_.insert(std::move(item)); }) {
      items_.insert(std::move(item));
    } else {
      static_assert(
          requires { items_.append(std::move(item)); },
          "weft::stream::collect: items of this type cannot be put into this container");
      items_.append(std::move(item));
    }
    return true;
  }
  C result() { return std::move(items_); }

 private:
  C items_;
};

// Only waits for the end.
template <class T>
class Gather<void, T> {
 public:
  void expect(std::size_t) noexcept {}
  bool add(T&&) noexcept { return true; }
  void result() noexcept {}
};

// Values, up to the first error.
template <class C, class E, class T>
class Gather<Result<C, E>, Result<T, E>> {
 public:
  void expect(std::size_t) noexcept {}  // an error may come before
  bool add(Result<T, E>&& item) {
    if (!item) {
      values_.reset();
      error_.emplace(std::move(item).error());
      return false;
    }
    if constexpr (!std::is_void_v<T>) return values_->add(*std::move(item));
    return true;
  }
  Result<C, E> result() {
    if (error_) return Err(*std::move(error_));
    if constexpr (std::is_void_v<C>) {
      return {};
    } else {
      return values_->result();
    }
  }

 private:
  using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
  std::optional<Gather<C, Value>> values_ = std::optional<Gather<C, Value>>(std::in_place);
  std::optional<E> error_;
};

template <class C, class S>
class CollectState : public DrainState<CollectState<C, S>, S> {
  using Base = DrainState<CollectState, S>;

 public:
  explicit CollectState(S&& stream) : Base(std::forward<S>(stream)) {}
  bool poll(Context& cx) noexcept {
    if (!std::exchange(has_begun_, true)) begin();
    return Base::poll(cx);
  }
  bool add(Item<S>&& item) { return gathered_.add(std::move(item)); }
  decltype(auto) result() { return gathered_.result(); }

 private:
  // Room that cannot be had now may not be needed: a hint is a hint.
  void begin() noexcept {
    try {
      gathered_.expect(this->source_.size_hint().first);
    } catch (...) {  // NOLINT(bugprone-empty-catch)
    }
  }

  Gather<C, Item<S>> gathered_;
  bool has_begun_ = false;
};

}  // namespace internal

// Yields a C of all items: by default a std::vector; or anything that items can be put into with
// push_back, push, insert or append (a deque, a list, a string, a set, a map of pairs, a
// priority_queue); or void, to wait for the end. Of a stream of Result<T, E>, a Result<C, E> stops
// at the first error and drops what it had. Has room for as many as the stream's size_hint
// promises. Not cancel safe: what was collected is lost.
template <class C = internal::ByDefault, Stream S>
[[nodiscard]] auto collect(S&& stream) {
  using Container =
      std::conditional_t<std::same_as<C, internal::ByDefault>, std::vector<Item<S>>, C>;
  return internal::drain<internal::CollectState<Container, S>>(std::forward<S>(stream));
}
template <class C = internal::ByDefault>
auto collect() {
  return internal::Pipe([]<class S>(S&& stream) { return collect<C>(std::forward<S>(stream)); });
}

}  // namespace weft::stream

#endif  // WEFT_STREAM_COLLECT_H_
