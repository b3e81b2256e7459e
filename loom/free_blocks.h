// FreeBlocks: what an allocator is in a model that is not about it.
//
// Spec: TE-19, TE-30.
//
// Design. An allocator that recycles memory between threads has locks and lists, and each of their
// operations multiplies the interleavings of whatever allocates. So in models it steps aside,
// unless they say that they are about it: it asks uses_free_blocks(), and if that is true takes
// blocks from here and puts them back here. In a normal build that is false at compile time.

#ifndef WEFT_LOOM_FREE_BLOCKS_H_
#define WEFT_LOOM_FREE_BLOCKS_H_

#ifdef WEFT_LOOM

#include <weft/loom/checker/free_blocks.h>

namespace weft::loom {

using checker::FreeBlocks;
using checker::uses_free_blocks;

}  // namespace weft::loom

#else

#include <cstddef>

namespace weft::loom {

// Whether the calling thread takes and gives blocks here, instead of by the allocator's own means.
constexpr bool uses_free_blocks() noexcept { return false; }

// Blocks by size, of the whole model. Thread-safe. Only if uses_free_blocks().
class FreeBlocks {
 public:
  FreeBlocks() = delete;

  // A block of `size` that was put; null if there is none. What its last user did before is
  // visible.
  static void* take(std::size_t) { return nullptr; }
  static void put(void*, std::size_t) {}
};

}  // namespace weft::loom

#endif  // WEFT_LOOM

#endif  // WEFT_LOOM_FREE_BLOCKS_H_
