// Streams of awaitables, several of which are under way at once: buffered, buffer_unordered; and
// for_each_concurrent.
//
// Spec: ST-44..ST-47.
//
// Concurrently, never in parallel: all of it runs in the task that polls. For work that is to use
// other threads, map to spawn(...) and buffer the JoinHandles.
//
//   // Three at a time: five take two seconds and not five.
//   Task<std::vector<std::string>> fetch_all(std::vector<std::string> names) {
//     auto pages = stream::iter(std::move(names)) | stream::map(fetch) | stream::buffered(3);
//     co_return co_await stream::collect(std::move(pages));
//   }

#ifndef WEFT_STREAM_BUFFERED_H_
#define WEFT_STREAM_BUFFERED_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>
#include <variant>

#include <weft/base/check.h>
#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/poll.h>
#include <weft/stream/concepts.h>
#include <weft/stream/fold.h>
#include <weft/stream/internal/pipe.h>
#include <weft/stream/internal/size_hint.h>
#include <weft/stream/internal/source.h>
#include <weft/stream/internal/window.h>
#include <weft/stream/transform.h>

namespace weft::stream {

namespace internal {

template <class A>
void check_window(std::size_t count, std::source_location where) {
  WEFT_CHECK(
      count > 0,
      "weft::stream: buffered, buffer_unordered or for_each_concurrent of 0 awaitables would "
      "wait forever; allow at least one",
      where);
  WEFT_CHECK(count <= Window<A>::kMost,
             "weft::stream: more than 2^20 awaitables at once; use a JoinSet", where);
}

}  // namespace internal

// What buffer_unordered() returns. Fused.
template <class S>
class [[nodiscard]] BufferUnordered
    : public internal::StreamBase<BufferUnordered<S>,
                                  typename internal::Window<Item<S>>::value_type> {
  using Window = internal::Window<Item<S>>;
  using T = typename Window::value_type;

 public:
  static constexpr bool kCancelDriven = internal::Source<S>::kCancelDriven || Window::kCancelDriven;

  BufferUnordered(S&& stream, std::size_t count)
      : source_(std::forward<S>(stream)), window_(count) {}
  bool is_terminated() const noexcept { return source_.has_ended() && window_.is_empty(); }

 private:
  friend class internal::StreamBase<BufferUnordered, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    while (window_.has_room() && !source_.has_ended()) {
      Poll<std::optional<Item<S>>> polled = source_.poll_next(cx);
      if (polled.is_pending()) break;
      if (*polled) window_.start(**std::move(polled));
    }
    if (is_terminated()) return std::optional<T>();
    const std::uint32_t slot = window_.poll(cx);
    if (slot == Window::kNone) return kPending;
    return std::optional<T>(std::in_place, window_.take(slot));
  }
  SizeHint hint() const {
    return internal::add(source_.size_hint(), internal::exactly(window_.size()));
  }
  template <class End>
  bool end_parts(End end) noexcept {
    const bool has_ended = end(window_);
    return end(source_) && has_ended;
  }

  internal::FusedSource<S> source_;
  Window window_;
};

// Awaits the items of `stream`, up to `count` at once, and yields their results as they complete
// (void is std::monostate). What one throws comes out of next(), and the others go on. Cancel safe:
// what is under way stays under way, though nothing progresses while no next() is awaited. Fatal at
// `where` if `count` is 0 or more than 2^20.
template <Stream S>
auto buffer_unordered(S&& stream, std::size_t count,
                      std::source_location where = std::source_location::current()) {
  static_assert(Awaitable<Item<S>>,
                "weft::stream::buffer_unordered: the stream's items cannot be awaited");
  internal::check_window<Item<S>>(count, where);
  return BufferUnordered<S>(std::forward<S>(stream), count);
}
inline auto buffer_unordered(std::size_t count,
                             std::source_location where = std::source_location::current()) {
  return internal::Pipe([count, where]<class S>(S&& stream) {
    return buffer_unordered(std::forward<S>(stream), count, where);
  });
}

// What buffered() returns. Fused.
template <class S>
class [[nodiscard]] Buffered
    : public internal::StreamBase<Buffered<S>, typename internal::Window<Item<S>>::value_type> {
  using Window = internal::Window<Item<S>>;
  using T = typename Window::value_type;

 public:
  static constexpr bool kCancelDriven = internal::Source<S>::kCancelDriven || Window::kCancelDriven;

  Buffered(S&& stream, std::size_t count) : source_(std::forward<S>(stream)), window_(count) {}
  bool is_terminated() const noexcept { return source_.has_ended() && order_.empty(); }

 private:
  friend class internal::StreamBase<Buffered, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    while (window_.has_room() && !source_.has_ended()) {
      Poll<std::optional<Item<S>>> polled = source_.poll_next(cx);
      if (polled.is_pending()) break;
      if (!*polled) break;
      order_.push_back(Window::kNone);
      try {
        order_.back() = window_.start(**std::move(polled));
      } catch (...) {
        order_.pop_back();
        throw;
      }
    }
    if (order_.empty()) {
      if (!source_.has_ended()) return kPending;
      return std::optional<T>();
    }
    // All that can progress does, not only what is needed now: the next poll may be long to come.
    while (window_.poll(cx) != Window::kNone) continue;
    const std::uint32_t first = order_.front();
    if (!window_.is_complete(first)) return kPending;
    order_.pop_front();
    return std::optional<T>(std::in_place, window_.take(first));
  }
  SizeHint hint() const {
    return internal::add(source_.size_hint(), internal::exactly(window_.size()));
  }
  template <class End>
  bool end_parts(End end) noexcept {
    const bool has_ended = end(window_);
    return end(source_) && has_ended;
  }

  internal::FusedSource<S> source_;
  Window window_;
  std::deque<std::uint32_t> order_;  // the slots, in the order of the stream
};

// The same, but the results come in the order of the stream: one that is late holds up those behind
// it, which count among the `count` until they are yielded.
template <Stream S>
auto buffered(S&& stream, std::size_t count,
              std::source_location where = std::source_location::current()) {
  static_assert(Awaitable<Item<S>>, "weft::stream::buffered: the stream's items cannot be awaited");
  internal::check_window<Item<S>>(count, where);
  return Buffered<S>(std::forward<S>(stream), count);
}
inline auto buffered(std::size_t count,
                     std::source_location where = std::source_location::current()) {
  return internal::Pipe([count, where]<class S>(S&& stream) {
    return buffered(std::forward<S>(stream), count, where);
  });
}

// Awaits function(item) for each item, up to `count` at once; done when the stream has ended and
// all are. If one throws, the others are cancelled with the awaitable, and it comes out. `count` as
// for buffer_unordered(). Not cancel safe.
template <Stream S, class F>
[[nodiscard]] auto for_each_concurrent(
    S&& stream, std::size_t count, F function,
    std::source_location where = std::source_location::current()) {
  static_assert(
      std::invocable<F&, Item<S>>,
      "weft::stream::for_each_concurrent: the function cannot be called with the stream's "
      "item");
  static_assert(Awaitable<std::invoke_result_t<F&, Item<S>>>,
                "weft::stream::for_each_concurrent: what the function returns cannot be awaited, "
                "use for_each");
  return for_each(buffer_unordered(map(std::forward<S>(stream), std::move(function)), count, where),
                  [](auto&&) {});
}
template <class F>
auto for_each_concurrent(std::size_t count, F function,
                         std::source_location where = std::source_location::current()) {
  return internal::Pipe([count, f = std::move(function), where]<class S>(S&& stream) mutable {
    return for_each_concurrent(std::forward<S>(stream), count, std::move(f), where);
  });
}

}  // namespace weft::stream

#endif  // WEFT_STREAM_BUFFERED_H_
