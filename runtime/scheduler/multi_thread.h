// MultiThread: the work-stealing scheduler.
//
// Spec: R-36..R-46, R-56..R-95, R-119.
//
// Workers are jobs on the blocking pool's threads (worker.h), and foreign threads that lend
// themselves (attached_threads.h). What they share is here: the injection queue, the idle state,
// the driver's lock, and the way to the end.
//
// Shutdown. Nothing owns the tasks (frame_registry.h), so the end is found in steps, each of which
// makes the next one safe:
//   1  begin_shutdown(): spawns are refused from now on; every worker is asked to leave.
//   2  Each worker leaves its loop, cancels what it has queued, and gives up its core. Wake-ups go
//      to the injection queue, which stays open for them.
//   3  The last of the configured ones, when no attached thread is a worker any more, finishes
//      alone: it cancels what is in the injection queue and walks the slabs for idle tasks, until
//      as many tasks have ended as were spawned. What is left over then waits for something: a
//      cancellation that takes steps (poll_cancel), a resume on a thread whose core was handed off,
//      a wake-up that a foreign thread has begun. Each of these unparks the driver, in which the
//      finisher sleeps.
//   4  With no task left, the injection queue is closed and the driver shut down.
// Only idle tasks are claimed by the walk: a NOTIFIED one is in a queue or on its way there.

#ifndef WEFT_RUNTIME_SCHEDULER_MULTI_THREAD_H_
#define WEFT_RUNTIME_SCHEDULER_MULTI_THREAD_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <stop_token>
#include <utility>

#include <weft/base/result.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/scheduler/attached_threads.h>
#include <weft/runtime/scheduler/driver_lock.h>
#include <weft/runtime/scheduler/idle.h>
#include <weft/runtime/scheduler/inject_queue.h>
#include <weft/runtime/scheduler/scheduler.h>
#include <weft/runtime/scheduler/watch_timer.h>
#include <weft/runtime/scheduler/worker.h>
#include <weft/runtime/scheduler/worker_set.h>

namespace weft::internal {

class MultiThread final : public Scheduler {
 public:
  // Makes the workers and starts their threads.
  static Result<RefPtr<MultiThread>> create(RuntimeConfig config);
  ~MultiThread() override;

  void schedule(FrameHeader* task) noexcept override;
  void schedule_new(FrameHeader* task, ThreadContext& context) noexcept override;
  void task_has_ended(ThreadContext& context) noexcept override;

  bool is_ending() const noexcept override { return is_stopping(); }
  void note_stray_resume() noexcept override;
  std::uint64_t global_queue_depth() const noexcept override { return inject_.length(); }
  unsigned worker_count() const noexcept override;
  const WorkerMetrics& worker_metrics(unsigned worker) const noexcept override;
  std::uint64_t alive_tasks() const noexcept override;
  std::uint64_t local_queue_depth(unsigned worker) const noexcept override;

  std::optional<Error> attach_current_thread(const std::stop_token& stop,
                                             std::source_location where) override;

  // Stops the runtime (see the head of this file). none: waits until it has; else at most that
  // long.
  void shutdown(std::optional<std::chrono::nanoseconds> limit) noexcept override;

  // block_in_place: gives the calling thread's core away. Null if it has none.
  static Worker* hand_off_core() noexcept;
  // Takes it back if nobody has it.
  static void take_back_core(Worker& worker) noexcept;

  // --- For workers

  InjectQueue& inject() noexcept { return inject_; }
  Idle& idle() noexcept { return idle_; }
  WatchTimer& watch() noexcept { return *watch_; }
  // All that there have been so far; those behind the configured ones may be held by nobody.
  WorkerSet::View workers() const noexcept { return workers_.all(); }
  AttachedThreads& attached() noexcept { return attached_; }
  // One more. Under the lock of attached().
  void add_worker(std::unique_ptr<Worker> worker) noexcept { workers_.add(std::move(worker)); }

  bool is_stopping() const noexcept { return stopping_.load(std::memory_order_seq_cst); }  // [S1]
  // Wakes a worker if one sleeps and nobody searches. After publishing work.
  void notify_one() noexcept;
  // True if a queue that others can take from is not empty.
  bool has_shared_work() const noexcept;

  DriverLock& driver_lock() noexcept { return driver_lock_; }
  // Gives the driver back, which was polled at `now`.
  void unlock_driver(std::chrono::steady_clock::time_point now) noexcept;
  // When the driver was last polled.
  std::chrono::steady_clock::time_point last_poll() const noexcept;

  // The right to spin before a sleep in a parker; one worker at a time has it.
  [[nodiscard]] bool try_begin_parker_spin() noexcept {
    // relaxed here and below: it orders nothing; two spinners would do no harm.
    return !parker_spinner_.exchange(true, std::memory_order_relaxed);
  }
  void end_parker_spin() noexcept { parker_spinner_.store(false, std::memory_order_relaxed); }

  // Step 2 and, for the last worker, 3 and 4. The calling thread holds the core.
  void stop_worker(Worker& worker) noexcept;

 private:
  MultiThread(RuntimeConfig config, RefPtr<Driver> driver, std::unique_ptr<WatchTimer> watch);
  Result<void> make_workers();
  Result<void> start_threads();
  void finish() noexcept;
  void begin_shutdown() noexcept;
  // When a thread could not be started: stops the cores that nobody has taken.
  void stop_unstarted() noexcept;
  // The worker of ours that this thread holds, or null.
  Worker* own_worker(ThreadContext& context) const noexcept;

  InjectQueue inject_;
  Idle idle_;
  const std::unique_ptr<WatchTimer> watch_;
  WorkerSet workers_;
  AttachedThreads attached_;

  // [S1] begin_shutdown() -> is_stopping(): spawns are refused. seq_cst, because of those that do
  //      something and then ask whether the finisher has to be woken: they push a task to inject_,
  //      or count one in strays_ ([N2]). The finisher looks at these after the store.
  loom::Atomic<bool> stopping_{false};
  // How many workers have given up their core for good.
  // [S2] acq_rel: the last one sees everything the others did.
  loom::Atomic<unsigned> stopped_workers_{0};
  // [S3] acq_rel exchanges in note_stray_resume() and in finish(). If the former comes first, the
  //      finisher sees that the task is idle; otherwise the former sees that the runtime stops.
  loom::Atomic<bool> walk_again_{true};
  DriverLock driver_lock_;
  // Nanoseconds of the steady clock; written by the driver's holder, read by the watch.
  loom::Atomic<std::int64_t> last_poll_{0};
  // Written by the worker that spins in wait_in_parker(), and by those that would.
  loom::Atomic<bool> parker_spinner_{false};
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_MULTI_THREAD_H_
