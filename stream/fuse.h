// What becomes of the end of a stream: fuse, notify_close.
//
// Spec: ST-1, ST-4, ST-7, ST-10.
//
//   Task<std::string> first_to_close() {
//     const auto numbers = [](int count) { return std::vector<int>(std::size_t(count)); };
//     stream::StreamMap<std::string, decltype(stream::notify_close(stream::iter(numbers(0))))> map;
//     static_cast<void>(map.insert("long", stream::notify_close(stream::iter(numbers(100)))));
//     static_cast<void>(map.insert("empty", stream::notify_close(stream::iter(numbers(0)))));
//     while (auto found = co_await map.next()) {
//       auto& [key, item] = *found;
//       if (!item) co_return key;
//     }
//     co_return "";
//   }

#ifndef WEFT_STREAM_FUSE_H_
#define WEFT_STREAM_FUSE_H_

#include <optional>
#include <utility>

#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/stream/concepts.h>
#include <weft/stream/internal/pipe.h>
#include <weft/stream/internal/size_hint.h>
#include <weft/stream/internal/source.h>

namespace weft::stream {

// What fuse() returns. Fused.
template <class S>
class [[nodiscard]] Fuse : public internal::Adapter<Fuse<S>, S, Item<S>, internal::FusedSource> {
  using T = Item<S>;
  using Base = internal::Adapter<Fuse, S, T, internal::FusedSource>;

 public:
  explicit Fuse(S&& stream) : Base(std::forward<S>(stream)) {}
  bool is_terminated() const noexcept { return this->source_.has_ended(); }

 private:
  friend class internal::StreamBase<Fuse, T>;
  Poll<std::optional<T>> poll_item(Context& cx) { return this->source_.poll_next(cx); }
  SizeHint hint() const { return this->source_.size_hint(); }
};

// Stays at its end: the stream is not polled again, but destroyed, or let go.
template <Stream S>
auto fuse(S&& stream) {
  return Fuse<S>(std::forward<S>(stream));
}
inline auto fuse() {
  return internal::Pipe([]<class S>(S&& stream) { return fuse(std::forward<S>(stream)); });
}

// What notify_close() returns. Fused.
template <class S>
class [[nodiscard]] StreamNotifyClose
    : public internal::Adapter<StreamNotifyClose<S>, S, std::optional<Item<S>>,
                               internal::FusedSource> {
  using T = std::optional<Item<S>>;
  using Base = internal::Adapter<StreamNotifyClose, S, T, internal::FusedSource>;

 public:
  explicit StreamNotifyClose(S&& stream) : Base(std::forward<S>(stream)) {}
  bool is_terminated() const noexcept { return this->source_.has_ended(); }

 private:
  friend class internal::StreamBase<StreamNotifyClose, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    if (this->source_.has_ended()) return std::optional<T>();
    Poll<T> polled = this->source_.poll_next(cx);
    if (polled.is_pending()) return kPending;
    return std::optional<T>(std::in_place, *std::move(polled));
  }
  SizeHint hint() const {
    const SizeHint left = this->source_.size_hint();
    return this->source_.has_ended() ? left : internal::add(left, internal::exactly(1));
  }
};

// Each item as a std::optional, then an empty one for the end, then the end: in a StreamMap that
// tells which stream has closed.
template <Stream S>
auto notify_close(S&& stream) {
  return StreamNotifyClose<S>(std::forward<S>(stream));
}
inline auto notify_close() {
  return internal::Pipe([]<class S>(S&& stream) { return notify_close(std::forward<S>(stream)); });
}

}  // namespace weft::stream

#endif  // WEFT_STREAM_FUSE_H_
