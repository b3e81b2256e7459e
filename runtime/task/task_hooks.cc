#include <weft/runtime/task/task_hooks.h>

#include <new>
#include <source_location>
#include <string>
#include <string_view>

#include <weft/loom/steady_clock.h>
#include <weft/runtime/observe/observer.h>
#include <weft/runtime/scheduler/current_thread.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/scheduler/worker.h>
#include <weft/runtime/task/raw_task.h>
#include <weft/runtime/task/task_home.h>

namespace weft::internal {
namespace {

void run_hook(const TaskHook& hook, const runtime::TaskMeta& meta) noexcept {
  if (!hook) return;
  try {
    hook(meta);
  } catch (...) {
    // Hooks have nowhere to report to.
  }
}

runtime::TaskMeta meta_of(FrameHeader* task, ScheduleLatency latency = std::nullopt) noexcept {
  return {TaskId(task->id), task->spawned_at, name_of(*task), latency};
}

// Where the latency is kept: null if the task has no table of its own.
const OwnTaskOps* own_ops_of(FrameHeader& task) noexcept {
  const TaskOps& ops = ops_of(task);
  // SAFETY(cast): is_own says so.
  return ops.is_own ? static_cast<const OwnTaskOps*>(&ops) : nullptr;
}

// Without memory for it the task keeps what it has.
void give_own_ops(FrameHeader* task) noexcept {
  if (ops_of(*task).is_own) return;
  // SAFETY(lifetime): the task owns it, and free_task() deletes it. The task is not queued yet, so
  // nobody else reads which table it has.
  TaskOps* const own = new (std::nothrow) OwnTaskOps(ops_of(*task), {});
  if (own != nullptr) task->set_ops(own);
}

void note_ready(FrameHeader* task) noexcept {
  if (const OwnTaskOps* const own = own_ops_of(*task)) own->ready_since = loom::SteadyClock::now();
}

// The holder of the worker is the one who writes its histogram.
void record_latency(std::chrono::nanoseconds latency, ThreadContext& context) noexcept {
  const WorkerMetrics* metrics = nullptr;
  if (context.worker != nullptr) metrics = &context.worker->metrics();
  if (context.core != nullptr) metrics = &context.core->metrics;
  if (metrics == nullptr || metrics->schedule_latencies == nullptr) return;
  metrics->schedule_latencies->record(latency);
}

}  // namespace

void start_hooked(FrameHeader* task, const TaskHooks& hooks, ThreadContext& context) noexcept {
  run_hook(hooks.on_spawn, meta_of(task));
  if (hooks.track_latency) {
    give_own_ops(task);
    note_ready(task);
  }
  const QueueScope scope(hooks.observer, TraceKind::kSpawn, task);
  task->home->schedule_new(task, context);
}

void submit_hooked(FrameHeader* task, const TaskHooks& hooks) noexcept {
  if (hooks.track_latency) note_ready(task);
  const QueueScope scope(hooks.observer, TraceKind::kWake, task);
  task->home->schedule(task);
}

ScheduleLatency before_poll(FrameHeader* task, const TaskHooks& hooks, ThreadContext& context,
                            PollMark& mark) noexcept {
  ScheduleLatency latency;
  if (const OwnTaskOps* const own = own_ops_of(*task); own != nullptr && hooks.track_latency) {
    latency = loom::SteadyClock::now() - own->ready_since;
    record_latency(*latency, context);
  }
  // The program's hooks are outside, so that they are not taken for the task.
  run_hook(hooks.before_poll, meta_of(task, latency));
  if (hooks.observer != nullptr) hooks.observer->begin_task(task, context, mark);
  return latency;
}

void after_poll(FrameHeader* task, const TaskHooks& hooks, ScheduleLatency latency,
                const ThreadContext& context, PollMark& mark) noexcept {
  if (hooks.observer != nullptr) hooks.observer->end_task(task, context, mark);
  run_hook(hooks.after_poll, meta_of(task, latency));
  if (hooks.track_latency) note_ready(task);
}

void complete_hooked(FrameHeader* task, std::uint32_t cloned_wakers,
                     const TaskHooks& hooks) noexcept {
  // Copied: once it is complete its memory may be gone.
  const TaskId id(task->id);
  const std::source_location where = task->spawned_at;
  const std::string name(name_of(*task));
  complete_state(task, cloned_wakers);
  run_hook(hooks.on_terminate, runtime::TaskMeta(id, where, name));
}

}  // namespace weft::internal
