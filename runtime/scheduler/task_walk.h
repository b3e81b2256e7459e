// The walk over all tasks of a runtime that is stopping.
//
// Spec. See coroutine/frame_registry.h and TaskState::claim_for_shutdown.

#ifndef WEFT_RUNTIME_SCHEDULER_TASK_WALK_H_
#define WEFT_RUNTIME_SCHEDULER_TASK_WALK_H_

#include <weft/runtime/scheduler/scheduler.h>

namespace weft::internal {

// Cancels every idle task of `scheduler`, which has stopped spawning and has no worker running.
void cancel_idle_tasks(Scheduler& scheduler) noexcept;

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_TASK_WALK_H_
