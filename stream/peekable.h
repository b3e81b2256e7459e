// peekable: a stream whose next item can be looked at before it is taken.
//
// Spec: ST-10; ST-1, ST-3.
//
//   // Adds up equal neighbours: 1 1 2 2 2 -> 2 6.
//   Task<std::vector<int>> add_neighbours(std::vector<int> numbers) {
//     auto items = stream::peekable(stream::iter(numbers));
//     std::vector<int> sums;
//     while (const auto first = co_await items.next()) {
//       int sum = *first;
//       for (;;) {
//         const int* const following = co_await items.peek();
//         if (following == nullptr || *following != *first) break;
//         sum += *co_await items.next();
//       }
//       sums.push_back(sum);
//     }
//     co_return sums;
//   }

#ifndef WEFT_STREAM_PEEKABLE_H_
#define WEFT_STREAM_PEEKABLE_H_

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/poll.h>
#include <weft/stream/concepts.h>
#include <weft/stream/internal/pipe.h>
#include <weft/stream/internal/size_hint.h>
#include <weft/stream/internal/source.h>

namespace weft::stream {

// What peekable() returns. Fused.
template <class S>
class [[nodiscard]] Peekable
    : public internal::Adapter<Peekable<S>, S, Item<S>, internal::FusedSource> {
  using T = Item<S>;
  using Base = internal::Adapter<Peekable, S, T, internal::FusedSource>;
  template <class Pointer>
  class Node;
  template <class Pointer>
  class Peek;

 public:
  explicit Peekable(S&& stream) : Base(std::forward<S>(stream)) {}
  bool is_terminated() const noexcept { return !peeked_ && this->source_.has_ended(); }

  // Yields a pointer to the item that next() will yield, null at the end. It is good until next()
  // is called, or the stream moved. Cancel safe.
  [[nodiscard]] Peek<const T*> peek() noexcept { return Peek<const T*>(*this); }
  [[nodiscard]] Peek<T*> peek_mut() noexcept { return Peek<T*>(*this); }

  // One step of peek_mut(), for hand-written leaves.
  Poll<T*> poll_peek(Context& cx) {
    if (!peeked_) {
      Poll<std::optional<T>> polled = this->poll_next(cx);
      if (polled.is_pending()) return kPending;
      peeked_ = *std::move(polled);
    }
    return peeked_ ? &*peeked_ : nullptr;
  }

 private:
  friend class internal::StreamBase<Peekable, T>;
  Poll<std::optional<T>> poll_item(Context& cx) {
    if (peeked_) return std::exchange(peeked_, std::nullopt);
    return this->source_.poll_next(cx);
  }
  SizeHint hint() const {
    return internal::add(this->source_.size_hint(), internal::exactly(peeked_ ? 1 : 0));
  }

  std::optional<T> peeked_;
};

template <class S>
template <class Pointer>
class Peekable<S>::Node : public Leaf {
 public:
  static constexpr const char* kWaitingOn = "stream";

  explicit Node(Peekable& stream) noexcept : stream_(stream) {}
  bool poll(Context& cx) noexcept {
    try {
      const Poll<T*> polled = stream_.poll_peek(cx);
      if (polled.is_pending()) return false;
      item_ = *polled;
    } catch (...) {
      thrown_ = std::current_exception();
    }
    return true;
  }
  bool poll_cancel(Context& cx) noexcept
    requires Peekable::kCancelDriven
  {
    return stream_.poll_cancel(cx);
  }
  bool poll_abandon(Context&) noexcept
    requires Peekable::kCancelDriven
  {
    return true;
  }
  Pointer take() {
    if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
    return item_;
  }

 private:
  Peekable& stream_;
  Pointer item_ = nullptr;
  std::exception_ptr thrown_;
};

template <class S>
template <class Pointer>
class [[nodiscard]] Peekable<S>::Peek {
 public:
  explicit Peek(Peekable& stream) noexcept : stream_(&stream) {}
  LeafAwaiter<Node<Pointer>> operator co_await() const noexcept {
    return LeafAwaiter<Node<Pointer>>(*stream_);
  }

 private:
  Peekable* stream_;
};

// A stream that peek() can be asked of.
template <Stream S>
auto peekable(S&& stream) {
  return Peekable<S>(std::forward<S>(stream));
}
inline auto peekable() {
  return internal::Pipe([]<class S>(S&& stream) { return peekable(std::forward<S>(stream)); });
}

}  // namespace weft::stream

#endif  // WEFT_STREAM_PEEKABLE_H_
