#include <weft/runtime/task/spawn_task.h>

#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/task/task_home.h>
#include <weft/runtime/task/task_hooks.h>

namespace weft::internal {

void start_task(FrameHeader* frame, const TaskOps* ops, TaskHome& home,
                std::source_location where) noexcept {
  ThreadContext& context = thread_context();
  init_task(frame, ops, home, context, where);
  if (const TaskHooks* const hooks = home.hooks(); hooks != nullptr) [[unlikely]]
    return start_hooked(frame, *hooks, context);
  home.schedule_new(frame, context);
}

}  // namespace weft::internal
