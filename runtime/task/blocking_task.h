// BlockingTask: a callable on the blocking pool, seen through a JoinHandle.
//
// Spec: ..R-127, T-15, T-16; R-38.
//
// One block holds the header that every task has, the result storage where a coroutine would have
// it, the pool's job, and the callable with its arguments:
//
//   | FrameHeader | (two words) OutputStorage<R> | Job: callable, arguments |
//
// Its life is the state word's: NOTIFIED is the pool's reference, taken by the thread that runs it.
// It is never woken. Aborting it before it starts makes it end as cancelled; after that it has no
// effect.

#ifndef WEFT_RUNTIME_TASK_BLOCKING_TASK_H_
#define WEFT_RUNTIME_TASK_BLOCKING_TASK_H_

#include <functional>
#include <memory>
#include <source_location>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/blocking/blocking_pool.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/task/raw_task.h>
#include <weft/runtime/task/task_state.h>

namespace weft::internal {

class Scheduler;

// Prepares the header of a block for a blocking task and counts it against auto-advance.
void init_blocking_task(FrameHeader* task, const TaskOps* ops, Scheduler& scheduler,
                        std::source_location where) noexcept;
// Hands the job to the pool; if the pool refuses it, cancels it or, when there are no
// threads, fails with a check.
void submit_blocking_job(BlockingJob* job, Scheduler& scheduler, std::source_location where);
// The same, but says so: Errc::runtime_shutdown, or resource_unavailable_try_again when there are
// no threads. The job has been cancelled then.
Result<void> try_submit_blocking_job(BlockingJob* job, Scheduler& scheduler) noexcept;
// Ends the task: completes it and lets a paused clock advance again.
void complete_blocking_task(FrameHeader* task) noexcept;
// True if the task may run, false if it was aborted before.
bool start_blocking_task(FrameHeader* task) noexcept;

template <class R, class F, class... Args>
class BlockingTask final : public BlockingJob {
 public:
  template <class G, class... Given>
  static JoinHandle<R> spawn(Scheduler& scheduler, std::source_location where, bool is_mandatory,
                             G&& callable, Given&&... given) {
    BlockingTask* const job = make(std::forward<G>(callable), std::forward<Given>(given)...);
    job->mandatory = is_mandatory;
    FrameHeader* const task = job->task_;
    init_blocking_task(task, &kOps, scheduler, where);
    submit_blocking_job(job, scheduler, where);
    return JoinHandle<R>(task);
  }
  // The same with a name, and an error instead of a cancelled task or a check failure.
  template <class G, class... Given>
  static Result<JoinHandle<R>> try_spawn(Scheduler& scheduler, std::source_location where,
                                         std::string_view name, G&& callable, Given&&... given) {
    auto named = make_named_ops(kOps, name);
    BlockingTask* const job = make(std::forward<G>(callable), std::forward<Given>(given)...);
    FrameHeader* const task = job->task_;
    const TaskOps* const own = named.release();
    init_blocking_task(task, own != nullptr ? own : &kOps, scheduler, where);
    JoinHandle<R> handle(task);
    const Result<void> submitted = try_submit_blocking_job(job, scheduler);
    if (!submitted) return Err(submitted.error());
    return handle;
  }

  void run() noexcept override {
    FrameHeader* const task = task_;
    if (start_blocking_task(task)) {
      const TaskIdScope id_scope(task->id);
      call();
      destroy();
    } else {
      task->outcome = Outcome::kCancelled;
      destroy();
    }
    complete_blocking_task(task);
  }
  void cancel() noexcept override {
    FrameHeader* const task = task_;
    static_cast<void>(start_blocking_task(task));
    task->outcome = Outcome::kCancelled;
    destroy();
    complete_blocking_task(task);
  }

  ~BlockingTask() override = default;

 private:
  // In a block of its own, with a header that is still to be initialised.
  template <class G, class... Given>
  static BlockingTask* make(G&& callable, Given&&... given) {
    void* const frame = allocate_frame(kJobOffset + sizeof(BlockingTask));
    FrameHeader* const task = static_cast<FrameHeader*>(frame) - 1;
    // SAFETY(storage): the frame part is large enough and aligned for the result storage and,
    // behind it, for this job; complete() destroys the job, and the block goes with the last
    // reference.
    try {
      return new (static_cast<std::byte*>(frame) + kJobOffset)
          BlockingTask(task, std::forward<G>(callable), std::forward<Given>(given)...);
    } catch (...) {
      deallocate_frame(frame);
      throw;
    }
  }

  // Where a coroutine frame has its promise, rounded up for the job behind it.
  static constexpr std::size_t kJobOffset =
      (2 * sizeof(void*) + sizeof(OutputStorage<R>) + 15) / 16 * 16;
  static_assert(alignof(std::tuple<F, Args...>) <= 16,
                "weft: spawn_blocking's callable is aligned to more than 16 bytes; pass a pointer");

  template <class G, class... Given>
  explicit BlockingTask(FrameHeader* task, G&& callable, Given&&... given)
      : task_(task), callable_(std::forward<G>(callable)), args_(std::forward<Given>(given)...) {}

  void destroy() noexcept {
    // SAFETY(storage): made by placement in make(); the pool calls run() or cancel() once, and
    // nothing of the job is used after this. Its block goes with the task's last reference.
    std::destroy_at(this);
  }

  void call() noexcept {
    auto& storage = TaskPromise<R>::result_of(task_);
    // SAFETY(storage): the job runs once, so the storage is empty.
    try {
      if constexpr (std::is_void_v<R>) {
        std::apply(callable_, std::move(args_));
      } else {
        std::construct_at(&storage.value, std::apply(callable_, std::move(args_)));
      }
      task_->outcome = Outcome::kValue;
    } catch (...) {
      // SAFETY(storage): as above; what threw has constructed nothing.
      std::construct_at(&storage.exception, std::current_exception());
      task_->outcome = Outcome::kException;
    }
  }

  static void finish(FrameHeader*) noexcept {}
  static constexpr TaskOps kOps{
      {&wake_task, &wake_task_by_ref, &retain_task, &release_task}, &finish, &drop_task_output<R>};

  FrameHeader* task_;
  F callable_;
  std::tuple<Args...> args_;
};

template <class F, class... Args>
using BlockingValue = std::invoke_result_t<std::decay_t<F>&, std::decay_t<Args>...>;

// As weft::spawn_blocking. `is_mandatory`: runs even if shutdown finds it in the queue.
template <class F, class... Args>
JoinHandle<BlockingValue<F, Args...>> spawn_blocking_on(Scheduler& scheduler,
                                                        std::source_location where,
                                                        bool is_mandatory, F&& callable,
                                                        Args&&... args) {
  using Value = BlockingValue<F, Args...>;
  return BlockingTask<Value, std::decay_t<F>, std::decay_t<Args>...>::spawn(
      scheduler, where, is_mandatory, std::forward<F>(callable), std::forward<Args>(args)...);
}

// The same with a name, and an error (try_submit_blocking_job()) instead of a cancelled task or a
// check failure.
template <class F, class... Args>
Result<JoinHandle<BlockingValue<F, Args...>>> try_spawn_blocking_on(Scheduler& scheduler,
                                                                    std::source_location where,
                                                                    std::string_view name,
                                                                    F&& callable, Args&&... args) {
  using Value = BlockingValue<F, Args...>;
  return BlockingTask<Value, std::decay_t<F>, std::decay_t<Args>...>::try_spawn(
      scheduler, where, name, std::forward<F>(callable), std::forward<Args>(args)...);
}

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_TASK_BLOCKING_TASK_H_
