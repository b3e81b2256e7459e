// throttle: a stream that yields no faster than a given pace.
//
// Spec: ST-16.
//
//   // No more than ten a second.
//   Task<> call_each(std::vector<int> numbers, std::function<void(int)> call) {
//     auto paced = stream::iter(numbers) | stream::throttle(100ms);
//     co_await stream::for_each(std::move(paced), std::ref(call));
//   }

#ifndef WEFT_STREAM_THROTTLE_H_
#define WEFT_STREAM_THROTTLE_H_

#include <chrono>
#include <optional>
#include <source_location>
#include <utility>

#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/stream/concepts.h>
#include <weft/stream/internal/deadline.h>
#include <weft/stream/internal/pipe.h>
#include <weft/stream/internal/size_hint.h>
#include <weft/stream/internal/source.h>

namespace weft::stream {

// What throttle() returns.
template <class S>
class [[nodiscard]] Throttle : public internal::Adapter<Throttle<S>, S, Item<S>> {
  using T = Item<S>;
  using Base = internal::Adapter<Throttle, S, T>;

 public:
  Throttle(S&& stream, std::chrono::nanoseconds pause, std::source_location where)
      : Base(std::forward<S>(stream)), pause_(pause), resume_(pause, where) {}

 private:
  friend class internal::StreamBase<Throttle, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    if (is_waiting_) {
      if (!resume_.poll(cx)) return kPending;
      is_waiting_ = false;
    }
    Poll<std::optional<T>> polled = this->source_.poll_next(cx);
    if (polled.is_ready() && *polled && pause_ > std::chrono::nanoseconds::zero()) {
      resume_.reset(pause_);
      is_waiting_ = true;
    }
    return polled;
  }
  SizeHint hint() const { return this->source_.size_hint(); }

  std::chrono::nanoseconds pause_;
  internal::Deadline resume_;
  bool is_waiting_ = false;  // for resume_, before the stream is asked
};

// The first item at once; every other one no earlier than `pause` after the one before was yielded,
// and not asked for before. 0, or less: no pause. Fatal at `where` without timers.
template <Stream S>
auto throttle(S&& stream, std::chrono::nanoseconds pause,
              std::source_location where = std::source_location::current()) {
  return Throttle<S>(std::forward<S>(stream), pause, where);
}
inline auto throttle(std::chrono::nanoseconds pause,
                     std::source_location where = std::source_location::current()) {
  return internal::Pipe([pause, where]<class S>(S&& stream) {
    return throttle(std::forward<S>(stream), pause, where);
  });
}

}  // namespace weft::stream

#endif  // WEFT_STREAM_THROTTLE_H_
