// Cache lines: keeping apart in memory what different threads write.
//
// Two sizes, for two reasons. kCacheLine is the unit that cores hand to each other. x86-64
// prefetches lines in pairs, so data that must not share with a neighbour needs kFalseSharingRange.
// Both are constants of ours rather than std::hardware_*_interference_size, whose value depends on
// compiler flags and would leak into the layout of public types.

#ifndef WEFT_BASE_CACHE_LINE_H_
#define WEFT_BASE_CACHE_LINE_H_

#include <cstddef>
#include <utility>

namespace weft {

inline constexpr std::size_t kCacheLine = 64;
inline constexpr std::size_t kFalseSharingRange = 128;

// A T with no neighbour inside its range: for an element of an array of per-worker data, or a
// member that one thread writes while others read what stands around it.
//
// Not for a coroutine's locals, parameters or promise: both compilers misplace over-aligned objects
// in a frame (docs/topics/compilers.md). Keep it behind a pointer there.
template <class T>
struct alignas(kFalseSharingRange) CachePadded {
  constexpr CachePadded() = default;

  // Makes the value from `args`; serves values that cannot be moved, such as atomics.
  template <class... Args>
  constexpr explicit CachePadded(std::in_place_t, Args&&... args)
      : value(std::forward<Args>(args)...) {}

  constexpr T& operator*() noexcept { return value; }
  constexpr const T& operator*() const noexcept { return value; }
  constexpr T* operator->() noexcept { return &value; }
  constexpr const T* operator->() const noexcept { return &value; }

  T value{};
};

}  // namespace weft

#endif  // WEFT_BASE_CACHE_LINE_H_
