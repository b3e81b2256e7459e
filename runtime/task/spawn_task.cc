#include <weft/runtime/task/spawn_task.h>

#include <weft/runtime/scheduler/scheduler.h>
#include <weft/runtime/scheduler/thread_context.h>

namespace weft::internal {

void start_task(FrameHeader* frame, const TaskOps* ops, Scheduler& scheduler,
                std::source_location where) noexcept {
  ThreadContext& context = thread_context();
  init_task(frame, ops, &scheduler, context, where);
  if (const TaskHook& hook = scheduler.config().on_task_spawn; hook) {
    try {
      hook(runtime::TaskMeta(TaskId(frame->id), where));
    } catch (...) {
      // Hooks have nowhere to report to.
    }
  }
  scheduler.schedule_new(frame, context);
}

}  // namespace weft::internal
