// make, free: single objects on the heap, behind the seam.
//
// Spec: architecture.md "Atomics go through one seam"; testing.md TE-28.
//
// Design. Objects that come and go as often as tasks do have allocators of their own, which recycle
// memory. In a model that would only hide what one wants to find, a use after the end or an object
// that is forgotten, and add the allocator's own steps to be explored. So such an allocator asks
// kTracksMemory, and if that is true leaves its work to these two.

#ifndef WEFT_LOOM_ALLOCATION_H_
#define WEFT_LOOM_ALLOCATION_H_

#ifdef WEFT_LOOM

#include <weft/loom/checker/allocation.h>

namespace weft::loom {

inline constexpr bool kTracksMemory = true;
using checker::free;
using checker::make;

}  // namespace weft::loom

#else

#include <utility>

namespace weft::loom {

// Whether make() and free() find leaks and late uses: only in a build under the checker.
inline constexpr bool kTracksMemory = false;

// A new T made from `args`. Throws std::bad_alloc, and what T's constructor throws.
template <class T, class... Args>
T* make(Args&&... args) {
  return new T(std::forward<Args>(args)...);
}

// Ends what make() returned. Null is fine.
template <class T>
void free(T* object) noexcept {
  delete object;
}

}  // namespace weft::loom

#endif  // WEFT_LOOM

#endif  // WEFT_LOOM_ALLOCATION_H_
