// Arithmetic of size hints.
//
// Spec: ST-3: a lower bound that overflows is the greatest number, an upper bound is gone.

#ifndef WEFT_STREAM_INTERNAL_SIZE_HINT_H_
#define WEFT_STREAM_INTERNAL_SIZE_HINT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>

#include <weft/stream/concepts.h>

namespace weft::stream::internal {

inline constexpr SizeHint kNoHint{0, std::nullopt};
inline constexpr SizeHint exactly(std::size_t count) noexcept { return {count, count}; }

inline constexpr SizeHint add(const SizeHint& a, const SizeHint& b) noexcept {
  SizeHint sum{a.first > SIZE_MAX - b.first ? SIZE_MAX : a.first + b.first, std::nullopt};
  if (a.second && b.second && *a.second <= SIZE_MAX - *b.second) sum.second = *a.second + *b.second;
  return sum;
}

// Without the first `count`.
inline constexpr SizeHint without(const SizeHint& hint, std::size_t count) noexcept {
  const auto less = [count](std::size_t n) { return n > count ? n - count : 0; };
  SizeHint rest{less(hint.first), std::nullopt};
  if (hint.second) rest.second = less(*hint.second);
  return rest;
}

// No more than `count`.
inline constexpr SizeHint at_most(const SizeHint& hint, std::size_t count) noexcept {
  return {std::min(hint.first, count), std::min(hint.second.value_or(SIZE_MAX), count)};
}

// Any number of them may be left out.
inline constexpr SizeHint up_to(const SizeHint& hint) noexcept { return {0, hint.second}; }

// As the stream says, if it says.
template <class S>
SizeHint size_hint_of(const S& stream) {
  if constexpr (requires {
                  { stream.size_hint() } -> std::convertible_to<SizeHint>;
                }) {
    return stream.size_hint();
  } else {
    return kNoHint;
  }
}

}  // namespace weft::stream::internal

#endif  // WEFT_STREAM_INTERNAL_SIZE_HINT_H_
