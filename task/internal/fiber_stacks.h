// The stacks of fibers: where they come from and where they go.
//
// Spec: R-164.
//
// Sizes are rounded up to powers of two, which costs addresses and no memory: the system gives a
// stack its pages as they are touched. An idle stack is kept by the thread that a fiber has ended
// on, up to 2 MiB of them, eight of the default size; then in a pool of the process, up to 64 MiB,
// under a lock; beyond that it is unmapped. So threads that start and end fibers reuse what is in
// their cache without a lock, and fibers that begin on one thread and end on another find their way
// round through the pool.

#ifndef WEFT_TASK_INTERNAL_FIBER_STACKS_H_
#define WEFT_TASK_INTERNAL_FIBER_STACKS_H_

#include <cstddef>

#include <weft/base/result.h>
#include <weft/base/stack.h>

namespace weft::internal {

// What a stack for `size` bytes has: the next power of two that is at least 16 KiB. 0 if there is
// no such number of bytes.
std::size_t rounded_stack_size(std::size_t size) noexcept;

// A stack of rounded_stack_size(size) bytes, an idle one if there is one and `fresh` is false; a
// fresh one is all zero. Fails with not_enough_memory. Thread-safe.
Result<Stack> take_fiber_stack(std::size_t size, bool fresh) noexcept;

// Nothing runs on it any more. Thread-safe.
void give_back_fiber_stack(Stack stack) noexcept;

}  // namespace weft::internal

#endif  // WEFT_TASK_INTERNAL_FIBER_STACKS_H_
