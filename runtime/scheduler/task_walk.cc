#include <weft/runtime/scheduler/task_walk.h>

#include <vector>

#include <weft/runtime/coroutine/frame_registry.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/task/raw_task.h>
#include <weft/runtime/task/task_state.h>

namespace weft::internal {
namespace {

FrameHeader* as_header(void* block) noexcept {
  // SAFETY(cast): every block of frame_allocator starts with a FrameHeader's first word. Nothing
  // else of it is touched until the word says that it is a task of ours.
  return static_cast<FrameHeader*>(block);
}

void cancel(Scheduler& scheduler, FrameHeader* task) noexcept {
  const PollOutcome outcome = cancel_claimed_task(task, thread_context());
  if (outcome == PollOutcome::kNotified) scheduler.schedule(task);
}

}  // namespace

void cancel_idle_tasks(Scheduler& scheduler) noexcept {
  FrameRegistry& registry = FrameRegistry::instance();
  const std::uint32_t owner = scheduler.task_owner_id();
  registry.for_each_slab_block([&](FreeBlock* block) {
    FrameHeader* const task = as_header(block);
    if (TaskState(*task).claim_for_shutdown(owner)) cancel(scheduler, task);
  });
  // Claimed under the registry's lock, cancelled without it: destroying frames frees blocks.
  FrameHeader* claimed = nullptr;
  registry.for_each_large_block([&](void* block) {
    FrameHeader* const task = as_header(block);
    if (!TaskState(*task).claim_for_shutdown(owner)) return;
    task->queue_next = claimed;
    claimed = task;
  });
  while (claimed != nullptr) {
    FrameHeader* const next = claimed->queue_next;
    cancel(scheduler, claimed);
    claimed = next;
  }
}

}  // namespace weft::internal
