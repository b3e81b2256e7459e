// chunks_timeout: items in batches, none of which waits for long.
//
// Spec: ST-17.
//
//   // Writes in batches of up to 100, and no message waits longer than 50 ms.
//   Task<int> count_batches(sync::mpsc::Receiver<int> messages) {
//     stream::ReceiverStream items(std::move(messages));
//     auto batches = stream::chunks_timeout(std::move(items), 100, 50ms);
//     int writes = 0;
//     while (const auto batch = co_await batches.next()) writes += !batch->empty();
//     co_return writes;
//   }

#ifndef WEFT_STREAM_CHUNKS_TIMEOUT_H_
#define WEFT_STREAM_CHUNKS_TIMEOUT_H_

#include <chrono>
#include <cstddef>
#include <optional>
#include <source_location>
#include <utility>
#include <vector>

#include <weft/base/check.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/stream/concepts.h>
#include <weft/stream/internal/deadline.h>
#include <weft/stream/internal/pipe.h>
#include <weft/stream/internal/size_hint.h>
#include <weft/stream/internal/source.h>

namespace weft::stream {

// What chunks_timeout() returns. Fused.
template <class S>
class [[nodiscard]] ChunksTimeout
    : public internal::Adapter<ChunksTimeout<S>, S, std::vector<Item<S>>, internal::FusedSource> {
  using T = std::vector<Item<S>>;
  using Base = internal::Adapter<ChunksTimeout, S, T, internal::FusedSource>;

 public:
  ChunksTimeout(S&& stream, std::size_t most, std::chrono::nanoseconds duration,
                std::source_location where)
      : Base(std::forward<S>(stream)),
        most_(most),
        duration_(duration),
        deadline_(duration, where) {}
  bool is_terminated() const noexcept { return this->source_.has_ended() && items_.empty(); }

  // The items that have been collected and not yielded.
  T into_remainder() && { return std::exchange(items_, {}); }

 private:
  friend class internal::StreamBase<ChunksTimeout, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    const bool had_budget = !cx.budget_exhausted();
    for (;;) {
      Poll<std::optional<Item<S>>> polled = this->source_.poll_next(cx);
      if (polled.is_pending()) break;
      if (!*polled) return items_.empty() ? std::optional<T>() : take_chunk();
      if (items_.empty()) deadline_.reset(duration_);
      items_.push_back(**std::move(polled));
      if (items_.size() >= most_) return take_chunk();
    }
    if (items_.empty() || !deadline_.poll_after(cx, had_budget)) return kPending;
    return take_chunk();
  }
  std::optional<T> take_chunk() { return std::exchange(items_, {}); }
  SizeHint hint() const {
    const SizeHint items =
        internal::add(this->source_.size_hint(), internal::exactly(items_.size()));
    return {items.first / most_ + (items.first % most_ != 0), items.second};
  }

  std::size_t most_;
  std::chrono::nanoseconds duration_;
  internal::Deadline deadline_;  // of the chunk that is being collected
  T items_;
};

// Vectors of up to `most` items, never empty: each when it is full, when `duration` has passed
// since its first item, or at the end. Cancel safe: what has been collected stays, and
// into_remainder() gives it out. Fatal at `where` if `most` is 0, or without timers.
template <Stream S>
auto chunks_timeout(S&& stream, std::size_t most, std::chrono::nanoseconds duration,
                    std::source_location where = std::source_location::current()) {
  WEFT_CHECK(most > 0, "weft::stream::chunks_timeout: chunks of 0 items", where);
  return ChunksTimeout<S>(std::forward<S>(stream), most, duration, where);
}
inline auto chunks_timeout(std::size_t most, std::chrono::nanoseconds duration,
                           std::source_location where = std::source_location::current()) {
  return internal::Pipe([most, duration, where]<class S>(S&& stream) {
    return chunks_timeout(std::forward<S>(stream), most, duration, where);
  });
}

}  // namespace weft::stream

#endif  // WEFT_STREAM_CHUNKS_TIMEOUT_H_
