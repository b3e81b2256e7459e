// StreamBase: next() for streams that have a poll function; and the leaf behind it.
//
// Spec: ST-2, ST-3, ST-5; R-167 (poll_cancel).
//
// `Derived` has poll_item(Context&), which is poll_next() but for the following. A leaf that has
// answered "ready" need not be asked for its result: a select may find its winner, and be cancelled
// while it still ends the losers. The item is kept by the stream then, for the following next().
//
// Where a live scope may be inside of a stream, a frame that awaits next() must not be destroyed at
// once (runtime/branch.h). `Derived` then says kCancelDriven and shows its parts to
// end_parts(end).

#ifndef WEFT_STREAM_INTERNAL_STREAM_BASE_H_
#define WEFT_STREAM_INTERNAL_STREAM_BASE_H_

#include <exception>
#include <optional>
#include <utility>

#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/wait_report.h>
#include <weft/stream/internal/size_hint.h>

namespace weft::stream::internal {

// `S` is a StreamBase.
template <class S, class T>
class NextNode : public Leaf {
 public:
  static constexpr const char* kWaitingOn = "stream";

  explicit NextNode(S& stream) noexcept : stream_(stream) {}
  ~NextNode() {
    if (polled_.is_ready()) stream_.keep(std::move(polled_));
  }

  bool poll(Context& cx) noexcept {
    try {
      polled_ = stream_.poll_next(cx);
      return polled_.is_ready();
    } catch (...) {
      thrown_ = std::current_exception();
      return true;
    }
  }
  bool poll_cancel(Context& cx) noexcept
    requires S::kCancelDriven
  {
    return stream_.poll_cancel(cx);
  }
  // The stream is borrowed: it goes on from where it is.
  bool poll_abandon(Context&) noexcept
    requires S::kCancelDriven
  {
    return true;
  }
  void describe(WaitReport& report) noexcept { report.object(&stream_); }
  std::optional<T> take() {
    if (thrown_ != nullptr) [[unlikely]]
      std::rethrow_exception(std::exchange(thrown_, nullptr));
    std::optional<T> item = *std::move(polled_);
    polled_ = kPending;
    return item;
  }

 private:
  S& stream_;
  Poll<std::optional<T>> polled_ = kPending;
  std::exception_ptr thrown_;
};

// What next() returns. Refers to the stream.
template <class S, class T>
class [[nodiscard]] Next {
 public:
  explicit Next(S& stream) noexcept : stream_(&stream) {}
  LeafAwaiter<NextNode<S, T>> operator co_await() const noexcept {
    return LeafAwaiter<NextNode<S, T>>(*stream_);
  }

 private:
  S* stream_;
};

template <class Derived, class T>
class StreamBase {
 public:
  static constexpr bool kCancelDriven = false;

  // The next item; nothing at the end. Throws what a function given to the stream, or what the
  // stream is made of, throws. One at a time. Cancel safe: nothing is lost.
  [[nodiscard]] Next<Derived, T> next() noexcept { return Next<Derived, T>(derived()); }

  // One step of the same, for hand-written leaves and combinators.
  Poll<std::optional<T>> poll_next(Context& cx) {
    if (kept_.is_ready()) [[unlikely]]
      return std::exchange(kept_, kPending);
    return derived().poll_item(cx);
  }

  // How many items are still to come.
  SizeHint size_hint() const {
    if (kept_.is_pending()) [[likely]]
      return static_cast<const Derived&>(*this).hint();
    if (!*kept_) return exactly(0);
    return add(static_cast<const Derived&>(*this).hint(), exactly(1));
  }

  // For the frame that awaits this, when it is going away; and for who owns this, likewise.
  bool poll_cancel(Context& cx) noexcept
    requires Derived::kCancelDriven
  {
    return derived().end_parts([&cx](auto& part) { return part.poll_cancel(cx); });
  }
  bool poll_abandon(Context& cx) noexcept
    requires Derived::kCancelDriven
  {
    return derived().end_parts([&cx](auto& part) { return part.poll_abandon(cx); });
  }

 protected:
  StreamBase() noexcept = default;
  // A moved-from stream has nothing to give.
  StreamBase(StreamBase&& other) noexcept : kept_(std::exchange(other.kept_, kPending)) {}
  StreamBase& operator=(StreamBase&& other) noexcept {
    kept_ = std::exchange(other.kept_, kPending);
    return *this;
  }
  ~StreamBase() = default;

 private:
  friend class NextNode<Derived, T>;

  Derived& derived() noexcept { return static_cast<Derived&>(*this); }
  void keep(Poll<std::optional<T>> polled) noexcept { kept_ = std::move(polled); }

  Poll<std::optional<T>> kept_ = kPending;  // was ready, and not taken
};

}  // namespace weft::stream::internal

#endif  // WEFT_STREAM_INTERNAL_STREAM_BASE_H_
