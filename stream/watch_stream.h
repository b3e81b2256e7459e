// The receiver of a watch channel as a stream of its values.
//
// Spec: ST-22; SY-101..SY-111.
//
//   Task<int> last_of(sync::watch::Receiver<int> level) {
//     stream::WatchStream levels(std::move(level));
//     int last = 0;
//     while (const auto value = co_await levels.next()) last = *value;  // the current one first
//     co_return last;
//   }

#ifndef WEFT_STREAM_WATCH_STREAM_H_
#define WEFT_STREAM_WATCH_STREAM_H_

#include <concepts>
#include <optional>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/stream/internal/call_box.h>
#include <weft/stream/internal/size_hint.h>
#include <weft/stream/internal/stream_base.h>
#include <weft/sync/watch.h>

namespace weft::stream {

// Yields a copy of the value: the current one first, then the latest each time that it has changed;
// values in between are left out. Ends when all senders are gone and the last value was yielded,
// and stays there. Cancel safe.
template <std::copy_constructible T>
class [[nodiscard]] WatchStream : public internal::StreamBase<WatchStream<T>, T> {
  using Receiver = sync::watch::Receiver<T>;

 public:
  // Throws std::bad_alloc.
  explicit WatchStream(Receiver receiver) : WatchStream(std::move(receiver), true) {}
  // Without the current value, if `receiver` has seen it.
  static WatchStream from_changes(Receiver receiver) {
    return WatchStream(std::move(receiver), false);
  }

 private:
  friend class internal::StreamBase<WatchStream, T>;
  struct CallChanged {
    auto operator()(Receiver& receiver) const noexcept { return receiver.changed(); }
  };
  WatchStream(Receiver receiver, bool yields_current) : receiver_(std::move(receiver)) {
    if (yields_current) receiver_.held().mark_changed();
  }
  Poll<std::optional<T>> poll_item(Context& cx) {
    const auto polled = receiver_.poll(cx);
    if (polled.is_pending()) return kPending;
    if (!*polled) return std::optional<T>();
    return std::optional<T>(*receiver_.held().borrow_and_update());
  }
  SizeHint hint() const noexcept { return internal::kNoHint; }

  internal::CallBox<Receiver, CallChanged> receiver_;
};
template <class T>
WatchStream(sync::watch::Receiver<T>) -> WatchStream<T>;

}  // namespace weft::stream

#endif  // WEFT_STREAM_WATCH_STREAM_H_
