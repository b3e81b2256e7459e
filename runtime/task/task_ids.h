// Numbers for tasks, and one question about the calling thread's worker.
//
// Spec: T-9.
//
// Ids come from one process-wide counter, taken by each thread in blocks of 1024: a shared counter
// per spawn would be the most contended word of the program.

#ifndef WEFT_RUNTIME_TASK_TASK_IDS_H_
#define WEFT_RUNTIME_TASK_TASK_IDS_H_

#include <cstdint>

#include <weft/runtime/coroutine/frame.h>

namespace weft::internal {

struct ThreadContext;

// Never 0, never the same twice. `context`: the calling thread's.
std::uint64_t next_task_id(ThreadContext& context) noexcept;

// True if `task` lies in the LIFO slot of the worker whose core this thread holds, or is its newest
// fork: no other thread can reach it through a queue then (task/task_state.h,
// "unpublished").
bool is_in_own_lifo_slot(const FrameHeader* task) noexcept;

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_TASK_TASK_IDS_H_
