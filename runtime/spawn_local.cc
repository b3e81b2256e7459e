#include <weft/runtime/spawn_local.h>

#include <string>

#include <weft/base/check.h>
#include <weft/runtime/scheduler/scheduler.h>
#include <weft/runtime/scheduler/thread_context.h>

namespace weft::internal {

TaskHome& require_local_home(std::source_location where) {
  const ThreadContext& context = thread_context();
  Scheduler* const scheduler = context.scheduler;
  const std::uint64_t owner = scheduler != nullptr ? scheduler->config().owner_thread : 0;
  if (owner != 0 && owner == thread_number()) return *scheduler;
  if (context.local != nullptr) {
    context.local->prepare_spawn(where);
    return *context.local;
  }
  if (owner != 0) {
    const std::string message =
        "spawn_local: this thread (number " + std::to_string(thread_number()) +
        ") is in a LocalRuntime that was created on thread number " + std::to_string(owner) +
        "; only there it runs local tasks. Use spawn for a task that may run there but is made "
        "here";
    fatal(message, where);
  }
  fatal(
      "spawn_local: called outside a LocalSet and outside a LocalRuntime; call it inside "
      "LocalSet::run_until, under LocalSet::enter(), or inside LocalRuntime::block_on",
      where);
}

}  // namespace weft::internal
