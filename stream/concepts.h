// Stream: anything with a next() that can be awaited, again and again, until it yields nothing.
//
// Spec: ST-1..ST-5.
//
// A stream is lazy: it does nothing but answer to next(), and only one next() at a time. next()
// borrows the stream. What it yields is a std::optional, empty at the end; whether a stream may be
// asked again after its end is up to its kind (those that may, and go on answering "the end", are
// called fused).
//
// weft's own streams have more: poll_next(Context&), which is next() without a coroutine, for
// combinators and hand-written leaves, and size_hint(). They are movable at any time but while a
// next() of theirs is being awaited, and a next() that is destroyed loses nothing: an item that was
// ready and not taken is yielded by the following one.
//
//   // Any stream will do: a generator, a combinator, a class of your own that has next().
//   template <stream::Stream S>
//   Task<int> sum(S numbers) {
//     int total = 0;
//     while (const auto number = co_await numbers.next()) total += *number;
//     co_return total;
//   }

#ifndef WEFT_STREAM_CONCEPTS_H_
#define WEFT_STREAM_CONCEPTS_H_

#include <concepts>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/poll.h>

namespace weft::stream {

namespace internal {

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

// What next() of an S returns, and what awaiting that yields.
template <class S>
using NextOf = decltype(std::declval<std::remove_reference_t<S>&>().next());
template <class S>
using YieldOf = std::remove_cvref_t<AwaitResult<NextOf<S>>>;

}  // namespace internal

// `S` is the stream's type, or a reference to it: `co_await stream.next()` yields a std::optional.
template <class S>
concept Stream = requires(std::remove_reference_t<S>& stream) {
  { stream.next() } -> Awaitable;
} && internal::kIsOptional<internal::YieldOf<S>>;

// What the stream is made of.
template <Stream S>
using Item = typename internal::YieldOf<S>::value_type;

// Streams that can be asked without a coroutine: pending, an item, or the end.
template <class S>
concept PollStream = Stream<S> && requires(std::remove_reference_t<S>& stream, Context& cx) {
  { stream.poll_next(cx) } -> std::same_as<Poll<std::optional<Item<S>>>>;
};

// How many items are still to come: at least, and at most if that is known.
using SizeHint = std::pair<std::size_t, std::optional<std::size_t>>;

}  // namespace weft::stream

#endif  // WEFT_STREAM_CONCEPTS_H_
