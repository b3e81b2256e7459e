// make_recycled: heap objects that come and go as often as tasks do.
//
// Spec: SY-3 (nothing else allocates); performance.md (oneshot, mpsc create).
//
// Their memory is that of coroutine frames: recycled per thread, handed back in chains when it is
// freed on another one (runtime/coroutine/frame_allocator.h). The first word of such a block is
// reserved, stays 0 and is never constructed, because the walk over all tasks may read it; the
// object stands behind it.

#ifndef WEFT_SYNC_INTERNAL_RECYCLED_H_
#define WEFT_SYNC_INTERNAL_RECYCLED_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <weft/loom/allocation.h>
#include <weft/runtime/coroutine/frame_allocator.h>

namespace weft::sync::internal {

// Where the object stands in its block.
template <class T>
inline constexpr std::size_t kRecycledOffset = std::max(sizeof(std::uint64_t), alignof(T));

// The blocks are aligned to 16.
template <class T>
inline constexpr bool kIsRecycled = alignof(T) <= 16 && !loom::kTracksMemory;

// A new T made from `args`. Throws std::bad_alloc, or what T's constructor throws.
template <class T, class... Args>
T* make_recycled(Args&&... args) {
  if constexpr (!kIsRecycled<T>) {
    return loom::make<T>(std::forward<Args>(args)...);
  } else {
    static_assert(noexcept(T(std::forward<Args>(args)...)));
    void* const block = weft::internal::allocate_block(kRecycledOffset<T> + sizeof(T));
    // SAFETY(storage): the block is ours and large enough, and the offset is a multiple of T's
    // alignment in a block aligned to 16.
    return ::new (static_cast<std::byte*>(block) + kRecycledOffset<T>)
        T(std::forward<Args>(args)...);
  }
}

// Destroys what make_recycled() returned and gives the memory back.
template <class T>
void destroy_recycled(T* object) noexcept {
  if constexpr (!kIsRecycled<T>) {
    loom::free(object);
  } else {
    // SAFETY(lifetime): the caller owns the object, and this is its only end.
    std::destroy_at(object);
    // SAFETY(cast): back to the block's beginning, from where make_recycled() came.
    void* const block = reinterpret_cast<std::byte*>(object) - kRecycledOffset<T>;
    weft::internal::free_block(block, kRecycledOffset<T> + sizeof(T));
  }
}

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_RECYCLED_H_
