// Two streams as one: chain, merge, zip.
//
// Spec: ST-10, ST-11; ST-1, ST-3.
//
// For many streams do not merge merges: the last one would get a half, the first ones ever less.
// A StreamMap (stream_map.h) or a channel is fair.
//
//   Task<int> count_of(sync::mpsc::Receiver<int> a, sync::mpsc::Receiver<int> b) {
//     stream::ReceiverStream from_a(std::move(a));
//     stream::ReceiverStream from_b(std::move(b));
//     auto both = stream::merge(std::move(from_a), std::move(from_b));
//     int count = 0;
//     while (co_await both.next()) ++count;  // until both channels are closed
//     co_return count;
//   }

#ifndef WEFT_STREAM_COMBINE_H_
#define WEFT_STREAM_COMBINE_H_

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/stream/concepts.h>
#include <weft/stream/internal/pipe.h>
#include <weft/stream/internal/size_hint.h>
#include <weft/stream/internal/source.h>

namespace weft::stream {

// What chain() returns.
template <class A, class B>
class [[nodiscard]] Chain : public internal::StreamBase<Chain<A, B>, Item<A>> {
  using T = Item<A>;

 public:
  static constexpr bool kCancelDriven =
      internal::Source<A>::kCancelDriven || internal::Source<B>::kCancelDriven;

  Chain(A&& first, B&& second) : first_(std::forward<A>(first)), second_(std::forward<B>(second)) {}

 private:
  friend class internal::StreamBase<Chain, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    if (!first_.has_ended()) {
      Poll<std::optional<T>> polled = first_.poll_next(cx);
      if (polled.is_pending() || *polled) return polled;
    }
    return second_.poll_next(cx);
  }
  SizeHint hint() const { return internal::add(first_.size_hint(), second_.size_hint()); }
  template <class End>
  bool end_parts(End end) noexcept {
    const bool has_ended = end(first_);
    return end(second_) && has_ended;
  }

  internal::FusedSource<A> first_;
  internal::Source<B> second_;
};

// All of `first`, then all of `second`, which is not polled before. The first is destroyed, or let
// go, when it ends.
template <Stream A, Stream B>
auto chain(A&& first, B&& second) {
  static_assert(std::same_as<Item<A>, Item<B>>,
                "weft::stream::chain: the two streams have items of different types");
  return Chain<A, B>(std::forward<A>(first), std::forward<B>(second));
}
template <Stream B>
auto chain(B&& second) {
  return internal::Pipe([b = internal::Held<B>(std::forward<B>(second))]<class A>(A&& a) mutable {
    return chain(std::forward<A>(a), std::forward<B>(b.get()));
  });
}

// What merge() returns. Fused.
template <class A, class B>
class [[nodiscard]] Merge : public internal::StreamBase<Merge<A, B>, Item<A>> {
  using T = Item<A>;

 public:
  static constexpr bool kCancelDriven =
      internal::Source<A>::kCancelDriven || internal::Source<B>::kCancelDriven;

  Merge(A&& a, B&& b) : a_(std::forward<A>(a)), b_(std::forward<B>(b)) {}
  bool is_terminated() const noexcept { return a_.has_ended() && b_.has_ended(); }

 private:
  friend class internal::StreamBase<Merge, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    is_a_first_ = !is_a_first_;
    return is_a_first_ ? poll_both(a_, b_, cx) : poll_both(b_, a_, cx);
  }
  template <class First, class Second>
  Poll<std::optional<T>> poll_both(First& first, Second& second, Context& cx) {
    Poll<std::optional<T>> polled = first.poll_next(cx);
    if (polled.is_ready() && *polled) return polled;
    Poll<std::optional<T>> other = second.poll_next(cx);
    if (other.is_ready() && *other) return other;
    if (polled.is_pending()) return polled;
    return other;  // pending, or the end of both
  }
  SizeHint hint() const { return internal::add(a_.size_hint(), b_.size_hint()); }
  template <class End>
  bool end_parts(End end) noexcept {
    const bool has_ended = end(a_);
    return end(b_) && has_ended;
  }

  internal::FusedSource<A> a_;
  internal::FusedSource<B> b_;
  bool is_a_first_ = false;  // at the last poll
};

// The items of both, as they come; ends when both have ended. Which is polled first changes with
// every poll, beginning with `a`.
template <Stream A, Stream B>
auto merge(A&& a, B&& b) {
  static_assert(std::same_as<Item<A>, Item<B>>,
                "weft::stream::merge: the two streams have items of different types");
  return Merge<A, B>(std::forward<A>(a), std::forward<B>(b));
}
template <Stream B>
auto merge(B&& second) {
  return internal::Pipe([b = internal::Held<B>(std::forward<B>(second))]<class A>(A&& a) mutable {
    return merge(std::forward<A>(a), std::forward<B>(b.get()));
  });
}

// What zip() returns. Fused.
template <class A, class B>
class [[nodiscard]] Zip : public internal::StreamBase<Zip<A, B>, std::pair<Item<A>, Item<B>>> {
  using T = std::pair<Item<A>, Item<B>>;

 public:
  static constexpr bool kCancelDriven =
      internal::Source<A>::kCancelDriven || internal::Source<B>::kCancelDriven;

  Zip(A&& a, B&& b) : a_(std::forward<A>(a)), b_(std::forward<B>(b)) {}
  bool is_terminated() const noexcept { return a_.has_ended() || b_.has_ended(); }

 private:
  friend class internal::StreamBase<Zip, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    if (!poll_half(a_, of_a_, cx) || !poll_half(b_, of_b_, cx)) return finish();
    if (!of_a_ || !of_b_) return kPending;
    std::optional<T> both(std::in_place, *std::move(of_a_), *std::move(of_b_));
    of_a_.reset();
    of_b_.reset();
    return both;
  }
  // False: it has ended.
  template <class Half, class U>
  bool poll_half(Half& half, std::optional<U>& item, Context& cx) {
    if (item) return true;
    Poll<std::optional<U>> polled = half.poll_next(cx);
    if (polled.is_ready()) item = *std::move(polled);
    return !half.has_ended();
  }
  std::optional<T> finish() noexcept {
    a_.close();
    b_.close();
    of_a_.reset();
    of_b_.reset();
    return std::nullopt;
  }
  SizeHint hint() const {
    const SizeHint a = internal::add(a_.size_hint(), internal::exactly(of_a_ ? 1 : 0));
    const SizeHint b = internal::add(b_.size_hint(), internal::exactly(of_b_ ? 1 : 0));
    if (!a.second) return {std::min(a.first, b.first), b.second};
    return internal::at_most({std::min(a.first, b.first), b.second}, *a.second);
  }
  template <class End>
  bool end_parts(End end) noexcept {
    const bool has_ended = end(a_);
    return end(b_) && has_ended;
  }

  internal::FusedSource<A> a_;
  internal::FusedSource<B> b_;
  std::optional<Item<A>> of_a_;  // waits for the other
  std::optional<Item<B>> of_b_;
};

// Pairs of an item of each; ends with the shorter one, and an item of the other is lost then. Both
// are polled, so that they make progress together.
template <Stream A, Stream B>
auto zip(A&& a, B&& b) {
  return Zip<A, B>(std::forward<A>(a), std::forward<B>(b));
}
template <Stream B>
auto zip(B&& second) {
  return internal::Pipe([b = internal::Held<B>(std::forward<B>(second))]<class A>(A&& a) mutable {
    return zip(std::forward<A>(a), std::forward<B>(b.get()));
  });
}

}  // namespace weft::stream

#endif  // WEFT_STREAM_COMBINE_H_
