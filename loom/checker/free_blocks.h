// FreeBlocks: the allocator of a model that is not about allocators.
//
// Spec: TE-19. Contract: <weft/loom/free_blocks.h>.
//
// It makes no steps, so it does not add to what is explored; and since nothing is known of another
// order of steps that were not made, it must not order any itself. So a thread is given a block
// that another one has put only if everything the other did until then comes before in any case. A
// model of blocks that wander freely has to explore the allocator.

#ifndef WEFT_LOOM_CHECKER_FREE_BLOCKS_H_
#define WEFT_LOOM_CHECKER_FREE_BLOCKS_H_

#include <cstddef>

namespace weft::loom::checker {

// Whether allocators leave their work to FreeBlocks: in a model without
// Options::explore_allocators.
bool uses_free_blocks() noexcept;

class FreeBlocks {
 public:
  FreeBlocks() = delete;

  // The block of `size` that was put last of those that the calling thread may have; null if there
  // is none.
  static void* take(std::size_t size);
  static void put(void* block, std::size_t size);
};

}  // namespace weft::loom::checker

#endif  // WEFT_LOOM_CHECKER_FREE_BLOCKS_H_
