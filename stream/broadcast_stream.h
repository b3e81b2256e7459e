// The receiver of a broadcast channel as a stream.
//
// Spec: ST-22; SY-90..SY-100.
//
//   Task<std::string> listen(sync::broadcast::Receiver<std::string> receiver) {
//     stream::BroadcastStream news(std::move(receiver));
//     std::string heard;
//     while (const auto item = co_await news.next()) {
//       heard += *item ? **item : std::string("(too late for some) ");
//     }
//     co_return heard;
//   }

#ifndef WEFT_STREAM_BROADCAST_STREAM_H_
#define WEFT_STREAM_BROADCAST_STREAM_H_

#include <optional>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/stream/internal/call_box.h>
#include <weft/stream/internal/size_hint.h>
#include <weft/stream/internal/stream_base.h>
#include <weft/sync/broadcast.h>

namespace weft::stream {

// Yields Result<T, RecvError>: each value, or in place of those that were lost, lagged(n). Ends
// when all senders are gone and the rest was yielded, and stays there. Cancel safe.
template <class T>
class [[nodiscard]] BroadcastStream
    : public internal::StreamBase<BroadcastStream<T>, Result<T, sync::broadcast::RecvError>> {
  using Received = Result<T, sync::broadcast::RecvError>;
  using Receiver = sync::broadcast::Receiver<T>;

 public:
  // Throws std::bad_alloc.
  explicit BroadcastStream(Receiver receiver) : receiver_(std::move(receiver)) {}

 private:
  friend class internal::StreamBase<BroadcastStream, Received>;
  struct CallRecv {
    auto operator()(Receiver& receiver) const noexcept { return receiver.recv(); }
  };
  Poll<std::optional<Received>> poll_item(Context& cx) {
    Poll<Received> polled = receiver_.poll(cx);
    if (polled.is_pending()) return kPending;
    if (!*polled && polled->error().is_closed()) return std::optional<Received>();
    return std::optional<Received>(*std::move(polled));
  }
  SizeHint hint() const noexcept { return internal::kNoHint; }

  internal::CallBox<Receiver, CallRecv> receiver_;
};
template <class T>
BroadcastStream(sync::broadcast::Receiver<T>) -> BroadcastStream<T>;

}  // namespace weft::stream

#endif  // WEFT_STREAM_BROADCAST_STREAM_H_
