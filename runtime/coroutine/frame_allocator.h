// Memory for coroutine frames: size classes, recycled per thread, handed over in chains.
//
// Spec: R-103. Figures: docs/design/task.md.
//
//   thread cache            transfer cache (one per size class)        slabs
//   active [..64 blocks]    chains of 64 blocks, under a spin lock     256 KiB each, never
//   spare  [..64 blocks] <--> o-o-o   o-o-o   o-o-o                <-- given back, known to
//   fresh  [unused run]                                                frame_registry.h
//
// A block is freed into the cache of the thread that frees it. When both of its lists are full, one
// whole chain goes to the transfer cache, from where any thread takes it: a program that allocates
// on one thread and frees on another moves 64 blocks for one lock. There is no owner to look up and
// nothing to do when a thread ends but to hand its blocks over. Returning each block to its owner
// by compare-and-swap was measured at 7-15 ns against 3-10.
//
// Blocks above kLargestClass come from malloc.
//
// The first word of a block in a slab is an atomic that other threads may read at any time; it is 0
// while the block is free (coroutine/frame.h). The second and third are the free lists' links.

#ifndef WEFT_RUNTIME_COROUTINE_FRAME_ALLOCATOR_H_
#define WEFT_RUNTIME_COROUTINE_FRAME_ALLOCATOR_H_

#include <cstddef>
#include <cstdint>

#include <weft/loom/atomic.h>

namespace weft::internal {

inline constexpr std::size_t kLargestClass = 2048;
inline constexpr std::size_t kSizeClasses = 56;

// 16-byte steps to 512, 64-byte steps to 2048.
constexpr std::size_t size_class_of(std::size_t size) noexcept {
  return size <= 512 ? (size + 15) / 16 - 1 : 32 + (size - 512 + 63) / 64 - 1;
}
constexpr std::size_t size_of_class(std::size_t index) noexcept {
  return index < 32 ? (index + 1) * 16 : 512 + (index - 31) * 64;
}
static_assert(size_class_of(kLargestClass) == kSizeClasses - 1);
static_assert(size_of_class(kSizeClasses - 1) == kLargestClass);

// What a block looks like while it is free.
struct FreeBlock {
  loom::Atomic<std::uint64_t> word;  // 0
  FreeBlock* next;                   // in a chain
  FreeBlock* next_chain;             // from the first block of a chain to the next chain
};

// At least `size` bytes aligned to 16; the first word is 0. `size` is at least sizeof(FreeBlock).
// Throws std::bad_alloc.
void* allocate_block(std::size_t size);

// `size` is what was asked for. The caller has stored 0 into the first word.
void free_block(void* block, std::size_t size) noexcept;

// Blocks in use by frames and tasks in the whole process, large ones included. For tests: exact
// only while nothing is allocated or freed.
std::size_t live_frames() noexcept;

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_COROUTINE_FRAME_ALLOCATOR_H_
