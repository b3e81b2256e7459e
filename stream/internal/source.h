// Source: how a combinator holds the stream that it stands on, and asks it.
//
// Spec: api.md (an rvalue is moved in, an lvalue borrowed); ST-1, ST-2.
//
// weft's own streams are held by value, or by a pointer, and polled. Of a stream that has only
// next(), the next() that is pending has to be kept from one poll to the other: that takes a block
// (call_box.h), and the combinator stays movable.

#ifndef WEFT_STREAM_INTERNAL_SOURCE_H_
#define WEFT_STREAM_INTERNAL_SOURCE_H_

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/stream/concepts.h>
#include <weft/stream/internal/call_box.h>
#include <weft/stream/internal/size_hint.h>
#include <weft/stream/internal/stream_base.h>

namespace weft::stream::internal {

// An object, or a pointer to one that stands elsewhere.
template <class S>
class Held {
 public:
  explicit Held(S&& object) : object_(std::move(object)) {}
  S& get() noexcept { return object_; }
  const S& get() const noexcept { return object_; }

 private:
  S object_;
};
template <class S>
class Held<S&> {
 public:
  explicit Held(S& object) noexcept : object_(&object) {}
  S& get() const noexcept { return *object_; }

 private:
  S* object_;
};

template <class S>
struct CallNext {
  NextOf<S> operator()(Held<S>& held) const { return held.get().next(); }
};

// `S` is the stream's type, or a reference to it if it is borrowed.
template <class S>
class Source {
  using Box = CallBox<Held<S>, CallNext<S>>;

 public:
  static constexpr bool kCancelDriven = Box::kCancelDriven;

  explicit Source(S&& stream) : box_(Held<S>(std::forward<S>(stream))) {}

  Poll<std::optional<Item<S>>> poll_next(Context& cx) { return box_.poll(cx); }
  SizeHint size_hint() const { return size_hint_of(box_.held().get()); }
  // Also of a borrowed stream the next() that is pending is ours.
  bool poll_cancel(Context& cx) noexcept { return box_.poll_cancel(cx); }
  bool poll_abandon(Context& cx) noexcept { return box_.poll_abandon(cx); }

  std::remove_reference_t<S>& stream() noexcept { return box_.held().get(); }
  std::remove_reference_t<S> release() && { return std::move(std::move(box_).release().get()); }

 private:
  Box box_;
};

template <PollStream S>
class Source<S> {
  using Inner = std::remove_reference_t<S>;

 public:
  static constexpr bool kCancelDriven = weft::internal::CancelDriven<Inner>;

  explicit Source(S&& stream) : held_(std::forward<S>(stream)) {}

  Poll<std::optional<Item<S>>> poll_next(Context& cx) { return held_.get().poll_next(cx); }
  SizeHint size_hint() const { return size_hint_of(held_.get()); }
  bool poll_cancel(Context& cx) noexcept {
    if constexpr (kCancelDriven) return held_.get().poll_cancel(cx);
    return true;
  }
  bool poll_abandon(Context& cx) noexcept {
    if constexpr (std::is_lvalue_reference_v<S>) return true;
    return weft::internal::poll_abandon_node(held_.get(), cx);
  }

  Inner& stream() noexcept { return held_.get(); }
  Inner release() && { return std::move(held_.get()); }

 private:
  Held<S> held_;
};

// A source that is not asked again after its end, and is destroyed there.
template <class S>
class FusedSource {
 public:
  static constexpr bool kCancelDriven = Source<S>::kCancelDriven;

  explicit FusedSource(S&& stream) : source_(std::in_place, std::forward<S>(stream)) {}

  bool has_ended() const noexcept { return !source_.has_value(); }
  Poll<std::optional<Item<S>>> poll_next(Context& cx) {
    if (has_ended()) return std::optional<Item<S>>();
    Poll<std::optional<Item<S>>> polled = source_->poll_next(cx);
    if (polled.is_ready() && !*polled) source_.reset();
    return polled;
  }
  SizeHint size_hint() const { return has_ended() ? exactly(0) : source_->size_hint(); }
  bool poll_cancel(Context& cx) noexcept { return has_ended() || source_->poll_cancel(cx); }
  bool poll_abandon(Context& cx) noexcept { return has_ended() || source_->poll_abandon(cx); }
  // Ends it.
  void close() noexcept { source_.reset(); }

 private:
  std::optional<Source<S>> source_;
};

// A combinator of one stream.
template <class Derived, class S, class T, template <class> class Holder = Source>
class Adapter : public StreamBase<Derived, T> {
 public:
  static constexpr bool kCancelDriven = Holder<S>::kCancelDriven;

 protected:
  explicit Adapter(S&& stream) : source_(std::forward<S>(stream)) {}

  template <class End>
  bool end_parts(End end) noexcept {
    return end(source_);
  }

  Holder<S> source_;

 private:
  friend class StreamBase<Derived, T>;
};

}  // namespace weft::stream::internal

#endif  // WEFT_STREAM_INTERNAL_SOURCE_H_
