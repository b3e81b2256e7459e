// CurrentThread: all tasks on the one thread that is inside Runtime::block_on.
//
// Spec: ..R-54, R-17; TM-7.
//
// There is one core {queue, tick, deferred tasks}. Whoever enters block_on takes it and drives
// everything; other callers of block_on wait until the core is free or their own awaitable is
// ready, whichever is first, and the one that leaves wakes them. Between calls nothing runs.
//
// Wake-ups from the driving thread go to the core's queue; from anywhere else to the injection
// queue, and the driver is unparked. The root (block_on's argument) is polled only if it was woken.

#ifndef WEFT_RUNTIME_SCHEDULER_CURRENT_THREAD_H_
#define WEFT_RUNTIME_SCHEDULER_CURRENT_THREAD_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <source_location>
#include <vector>

#include <weft/base/result.h>
#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/coroutine/strand.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/scheduler/inject_queue.h>
#include <weft/runtime/scheduler/scheduler.h>
#include <weft/runtime/scheduler/task_chain.h>
#include <weft/runtime/task/raw_task.h>
#include <weft/runtime/waker.h>

namespace weft::internal {

class CurrentThread;
class ParkWaker;

// What only the driving thread uses.
class CurrentThreadCore {
 public:
  explicit CurrentThreadCore(CurrentThread& scheduler);

  CurrentThread& scheduler() const noexcept { return scheduler_; }
  // Queues a task that was spawned, or one that was woken.
  void push_new(FrameHeader* task) noexcept {
    queue_.push_back(task);
    publish_depth();
  }
  void push(FrameHeader* task) noexcept {
    add(metrics.woken);
    push_new(task);
  }
  void defer(const Waker& waker);
  void note_forced_yield() noexcept { add(metrics.forced_yields); }

  bool has_pending() const noexcept {
    return !queue_.empty() || !deferred_.empty() || !deferred_wakers_.empty();
  }
  // The next task in the order of R-48; null if there is none.
  FrameHeader* next_task() noexcept;
  void run(FrameHeader* task) noexcept;
  // After the driver's turn: what was deferred becomes runnable.
  void ready_deferred() noexcept;
  // At shutdown: cancels everything queued here and in the injection queue.
  void cancel_all() noexcept;

  // block_on has begun to drive, sleeps, drives again, and has ended.
  void begin_busy() noexcept;
  void park() noexcept;
  void unpark() noexcept;
  void end_busy() noexcept;

  WorkerMetrics metrics;

 private:
  PollOutcome measure_poll(FrameHeader* task, Budget& budget) noexcept;
  void publish_depth() noexcept { set(metrics.queue_depth, queue_.count); }

  CurrentThread& scheduler_;
  BusyTime busy_;
  ParkCount parks_;
  PollTimer poll_timer_;
  std::uint32_t tick_ = 0;
  TaskChain queue_;
  TaskChain deferred_;
  std::vector<Waker> deferred_wakers_;
};

class CurrentThread final : public Scheduler {
 public:
  static Result<RefPtr<CurrentThread>> create(RuntimeConfig config);
  ~CurrentThread() override;

  void schedule(FrameHeader* task) noexcept override;
  void schedule_new(FrameHeader* task, ThreadContext& context) noexcept override;
  void task_has_ended(ThreadContext& context) noexcept override;
  void task_threw() noexcept override;

  bool is_ending() const noexcept override {
    return stopping_.load(std::memory_order_acquire);  // [S1]
  }
  void note_stray_resume() noexcept override;
  std::uint64_t global_queue_depth() const noexcept override { return inject_.length(); }
  unsigned worker_count() const noexcept override { return 1; }
  const WorkerMetrics& worker_metrics(unsigned) const noexcept override { return core_.metrics; }
  std::uint64_t alive_tasks() const noexcept override;
  std::uint64_t local_queue_depth(unsigned) const noexcept override {
    return value_of(core_.metrics.queue_depth);
  }

  // Drives the runtime until `root` has ended. The caller has entered the runtime.
  void block_on(Strand& root, std::source_location where) override;

  // Stops the runtime: tasks, drivers, then the blocking pool; with a limit the blocking pool first
  //
  void shutdown(std::optional<std::chrono::nanoseconds> limit) noexcept override;

  InjectQueue& inject() noexcept { return inject_; }

 private:
  friend class RootWaker;
  CurrentThread(RuntimeConfig config, RefPtr<Driver> driver);

  bool try_take_core() noexcept;
  void give_core_back() noexcept;
  // Waits for the core, polling `root` when it is woken. True: it has ended meanwhile.
  bool wait_for_core(Strand& root);
  void drive(Strand& root, std::source_location where);
  // Up to event_interval tasks. False: there was nothing to run.
  bool run_tasks(std::source_location where);
  bool has_pending(const class RootWaker& root) const noexcept;
  void park(class RootWaker& root, BlockedRoot& blocked) noexcept;
  void poll_driver_now() noexcept;
  void check_no_task_threw(std::source_location where) const;
  void stop_tasks() noexcept;
  bool is_driving_thread() const noexcept;

  InjectQueue inject_;
  // [S1] release in stop_tasks() -> acquire in task_has_ended() and schedule_new().
  loom::Atomic<bool> stopping_{false};
  // [S3] acq_rel exchanges in note_stray_resume() and in stop_tasks(): as in multi_thread.h.
  loom::Atomic<bool> walk_again_{true};
  // Set by task_threw(), read by block_on: R-17. Both on the driving thread, or on threads that
  // find the runtime stopped by it.
  loom::Atomic<bool> task_has_thrown_{false};

  loom::Mutex core_mutex_;
  bool core_is_taken_ = false;       // guarded by core_mutex_
  std::vector<Waker> core_waiters_;  // guarded by core_mutex_
  CurrentThreadCore core_;           // the taker's
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_CURRENT_THREAD_H_
