// A stream that says when nothing comes: timeout, timeout_repeating.
//
// Spec: ST-14, ST-15.
//
// The stream is asked first, so that an item that is ready at the deadline wins. What is late is
// not cancelled: it comes when it comes. Elapsed converts to Errc::elapsed.
//
//   // Counts messages until none has come for ten seconds.
//   Task<int> until_silent(sync::mpsc::Receiver<int> messages) {
//     auto items = stream::timeout(stream::ReceiverStream(std::move(messages)), 10s);
//     int count = 0;
//     while (const auto item = co_await items.next()) {
//       if (!item->has_value()) break;  // Elapsed
//       ++count;
//     }
//     co_return count;
//   }

#ifndef WEFT_STREAM_TIMEOUT_H_
#define WEFT_STREAM_TIMEOUT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/context.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/poll.h>
#include <weft/stream/concepts.h>
#include <weft/stream/internal/deadline.h>
#include <weft/stream/internal/pipe.h>
#include <weft/stream/internal/size_hint.h>
#include <weft/stream/internal/source.h>
#include <weft/time/elapsed.h>
#include <weft/time/interval.h>

namespace weft::stream {

// What timeout() returns. Fused.
template <class S>
class [[nodiscard]] Timeout
    : public internal::Adapter<Timeout<S>, S, Result<Item<S>, time::Elapsed>,
                               internal::FusedSource> {
  using T = Result<Item<S>, time::Elapsed>;
  using Base = internal::Adapter<Timeout, S, T, internal::FusedSource>;

 public:
  Timeout(S&& stream, std::chrono::nanoseconds duration, std::source_location where)
      : Base(std::forward<S>(stream)), duration_(duration), deadline_(duration, where) {}
  bool is_terminated() const noexcept { return this->source_.has_ended(); }

 private:
  friend class internal::StreamBase<Timeout, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    const bool had_budget = !cx.budget_exhausted();
    Poll<std::optional<Item<S>>> polled = this->source_.poll_next(cx);
    if (polled.is_ready()) {
      if (!*polled) return std::optional<T>();
      deadline_.reset(duration_);
      is_armed_ = true;
      return std::optional<T>(std::in_place, std::in_place, **std::move(polled));
    }
    if (!is_armed_ || !deadline_.poll_after(cx, had_budget)) return kPending;
    is_armed_ = false;
    return std::optional<T>(std::in_place, Err(time::Elapsed()));
  }
  SizeHint hint() const {
    // One before each item, and one before the end.
    const SizeHint items = this->source_.size_hint();
    return {items.first, internal::add(internal::add(items, items), internal::exactly(1)).second};
  }

  std::chrono::nanoseconds duration_;
  internal::Deadline deadline_;
  bool is_armed_ = true;  // nothing has elapsed since the last item
};

// Each item as a Result; and one Elapsed when nothing has come for `duration` since the last item,
// or since this call. Then no other before the next item. Fatal at `where` without timers.
template <Stream S>
auto timeout(S&& stream, std::chrono::nanoseconds duration,
             std::source_location where = std::source_location::current()) {
  return Timeout<S>(std::forward<S>(stream), duration, where);
}
inline auto timeout(std::chrono::nanoseconds duration,
                    std::source_location where = std::source_location::current()) {
  return internal::Pipe([duration, where]<class S>(S&& stream) {
    return timeout(std::forward<S>(stream), duration, where);
  });
}

// What timeout_repeating() returns. Fused.
template <class S>
class [[nodiscard]] TimeoutRepeating
    : public internal::Adapter<TimeoutRepeating<S>, S, Result<Item<S>, time::Elapsed>,
                               internal::FusedSource> {
  using T = Result<Item<S>, time::Elapsed>;
  using Base = internal::Adapter<TimeoutRepeating, S, T, internal::FusedSource>;

 public:
  TimeoutRepeating(S&& stream, time::Interval interval)
      : Base(std::forward<S>(stream)), interval_(std::move(interval)) {}
  bool is_terminated() const noexcept { return this->source_.has_ended(); }

 private:
  friend class internal::StreamBase<TimeoutRepeating, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    const bool had_budget = !cx.budget_exhausted();
    Poll<std::optional<Item<S>>> polled = this->source_.poll_next(cx);
    if (polled.is_ready()) {
      if (!*polled) return std::optional<T>();
      interval_.reset();
      return std::optional<T>(std::in_place, std::in_place, **std::move(polled));
    }
    if (!poll_tick(cx, had_budget && cx.budget_exhausted())) return kPending;
    return std::optional<T>(std::in_place, Err(time::Elapsed()));
  }
  // As Deadline::poll_after().
  bool poll_tick(Context& cx, bool was_used_up) {
    if (!was_used_up) return interval_.poll_tick(cx).is_ready();
    struct Unlimited {
      explicit Unlimited(Context& context) noexcept
          : cx(context), own(context.swap_budget(&budget)) {}
      ~Unlimited() { cx.swap_budget(own); }
      Budget budget = Budget::unconstrained();
      Context& cx;
      Budget* own;
    } const unlimited(cx);
    return interval_.poll_tick(cx).is_ready();
  }
  SizeHint hint() const { return {this->source_.size_hint().first, std::nullopt}; }

  time::Interval interval_;
};

// Each item as a Result; and an Elapsed at each tick of `interval` while nothing comes. An item
// starts the period anew. The first tick of an interval is immediate, so that a stream that is not
// ready at once begins with an Elapsed; time::interval_at() begins later.
template <Stream S>
auto timeout_repeating(S&& stream, time::Interval interval) {
  return TimeoutRepeating<S>(std::forward<S>(stream), std::move(interval));
}
inline auto timeout_repeating(time::Interval interval) {
  return internal::Pipe([i = std::move(interval)]<class S>(S&& stream) mutable {
    return timeout_repeating(std::forward<S>(stream), std::move(i));
  });
}

}  // namespace weft::stream

#endif  // WEFT_STREAM_TIMEOUT_H_
