// An interval as a stream of its ticks.
//
// Spec: ST-22; TM-24..TM-28.
//
//   Task<int> blink(int times) {
//     int blinks = 0;
//     co_await (stream::IntervalStream(time::interval(1s)) | stream::take(std::size_t(times)) |
//               stream::for_each([&blinks](time::Instant) { ++blinks; }));
//     co_return blinks;
//   }

#ifndef WEFT_STREAM_INTERVAL_STREAM_H_
#define WEFT_STREAM_INTERVAL_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/stream/internal/size_hint.h>
#include <weft/stream/internal/stream_base.h>
#include <weft/time/instant.h>
#include <weft/time/interval.h>

namespace weft::stream {

// Yields the instant for which each tick was scheduled; never ends. Cancel safe. Throws RuntimeGone
// if the runtime has ended.
class [[nodiscard]] IntervalStream : public internal::StreamBase<IntervalStream, time::Instant> {
 public:
  explicit IntervalStream(time::Interval interval) noexcept : interval_(std::move(interval)) {}
  time::Interval into_inner() && noexcept { return std::move(interval_); }

 private:
  friend class internal::StreamBase<IntervalStream, time::Instant>;
  Poll<std::optional<time::Instant>> poll_item(Context& cx) {
    const Poll<time::Instant> tick = interval_.poll_tick(cx);
    if (tick.is_pending()) return kPending;
    return std::optional<time::Instant>(*tick);
  }
  SizeHint hint() const noexcept { return {SIZE_MAX, std::nullopt}; }

  time::Interval interval_;
};

}  // namespace weft::stream

#endif  // WEFT_STREAM_INTERVAL_STREAM_H_
