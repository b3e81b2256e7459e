#include <weft/runtime/task/blocking_task.h>

#include <weft/base/check.h>
#include <weft/runtime/observe/observer.h>
#include <weft/runtime/scheduler/scheduler.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/task/task_ids.h>
#include <weft/runtime/task/task_names.h>

namespace weft::internal {
namespace {

Observer* observer_of(FrameHeader* task) noexcept {
  const TaskHooks* const hooks = task->home->hooks();
  return hooks != nullptr ? hooks->observer.get() : nullptr;
}

}  // namespace

void init_blocking_task(FrameHeader* task, const TaskOps* ops, Scheduler& scheduler,
                        std::source_location where) noexcept {
  task->block_is_kept = true;
  task->frame_is_dead = true;  // there is none
  task->set_ops(ops);
  task->queue_next = nullptr;
  // Counted: the task may be completed by the pool while the runtime is going.
  scheduler.retain();
  task->home = &scheduler;
  task->id = next_task_id(thread_context());
  task->spawned_at = where;
  // relaxed: JOIN_WAKER is clear, so nobody reads it before it is written again.
  task->join_waker.store(nullptr, std::memory_order_relaxed);
  if (ops->is_own) [[unlikely]]
    TaskNames::add(*task);
  // For dumps. It is never idle, so nobody claims it.
  TaskState(*task).init(scheduler.task_owner_id());
  scheduler.driver().clock().inhibit_auto_advance();
}

Result<void> try_submit_blocking_job(BlockingJob* job, Scheduler& scheduler) noexcept {
  const auto spawned = scheduler.blocking().spawn(job);
  if (spawned) return {};
  job->cancel();
  if (spawned.error() == BlockingPool::SpawnError::kShutDown) return Err(Errc::runtime_shutdown);
  return Err(Error(std::errc::resource_unavailable_try_again));
}

void submit_blocking_job(BlockingJob* job, Scheduler& scheduler, std::source_location where) {
  const auto spawned = scheduler.blocking().spawn(job);
  if (spawned) return;
  WEFT_CHECK(spawned.error() == BlockingPool::SpawnError::kShutDown,
             "spawn_blocking: the system has no room for another thread and the blocking pool has "
             "none; lower the number of threads or raise the limit",
             where);
  job->cancel();
}

bool start_blocking_task(FrameHeader* task) noexcept {
  if (Observer* const observer = observer_of(task); observer != nullptr) [[unlikely]] {
    observer->begin_blocking();
  }
  return TaskState(*task).start() == TaskState::Start::kRun;
}

void complete_blocking_task(FrameHeader* task) noexcept {
  // SAFETY(cast): init_blocking_task() has put a scheduler there.
  Scheduler* const scheduler = static_cast<Scheduler*>(task->home);
  if (Observer* const observer = observer_of(task); observer != nullptr) [[unlikely]] {
    observer->end_blocking(task);
  }
  TaskState::Completion done = TaskState(*task).complete(0, [task] {
    const TaskIdScope id_scope(task->id);
    ops_of(*task).drop_output(task);
  });
  if (done.free_task) free_task(task);
  if (done.joiner) std::move(done.joiner).wake();
  if (scheduler->config().flavor == runtime::RuntimeFlavor::kCurrentThread) {
    scheduler->driver().clock().allow_auto_advance();
    scheduler->driver().unpark();
  }
  scheduler->release();
}

}  // namespace weft::internal
