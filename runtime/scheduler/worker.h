// Worker: one of a multi_thread runtime's run loops, with everything that belongs to it.
//
// Spec: R-57..R-64, R-73..R-83, R-91.
//
// A worker is a movable role, not a thread: exactly one thread at a time holds it (its *core*), and
// block_in_place hands it to another. The holder's ThreadContext::worker points to it.
//
// Where a task comes from, in this order:
//   injection queue   every `interval` ticks, so that it cannot be starved
//   LIFO slot         what the last task woke or spawned: its data is in the cache. Not stealable
//   forks             tasks spawned here that have not begun, the newest first; the others steal
//                     the oldest. One turn in eight belongs to the queue below, one in 64 to the
//                     oldest
//   local queue       what was woken, first in, first out; the others steal half of it. Tasks that
//                     yielded go to its end, all at once, after the driver had its turn
//   injection queue   a batch
//   other workers     see search()
// The LIFO slot would let two tasks that wake each other run for ever: after three in a row, while
// something else waits, what they wake goes to the back of the queue.
//
// How it waits. One thread holds the driver and sleeps in it; the others sleep in their parkers.
// When the driver returns with events, their tasks go to its holder's own queue and *nobody is
// woken*: handing a task to another core costs 30 us, more than most tasks take. Three things limit
// that. The holder shares what is still queued when the batch is 200 us old; and at once, if it did
// not have to wait for the batch and will need 120 us or more for it, by what polls took lately: it
// cannot keep up. And a watch timer, armed by whoever gives the driver back while others sleep,
// wakes one of them after 1 ms: it takes over if nobody has looked at the driver since, or if a
// worker's tick stood still with tasks queued.

#ifndef WEFT_RUNTIME_SCHEDULER_WORKER_H_
#define WEFT_RUNTIME_SCHEDULER_WORKER_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <weft/base/cache_line.h>
#include <weft/base/rng.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/scheduler/adaptive_spin.h>
#include <weft/runtime/scheduler/fork_deque.h>
#include <weft/runtime/scheduler/interval_tuner.h>
#include <weft/runtime/scheduler/local_queue.h>
#include <weft/runtime/scheduler/parker.h>
#include <weft/runtime/scheduler/scheduler.h>
#include <weft/runtime/scheduler/task_chain.h>
#include <weft/runtime/task/raw_task.h>
#include <weft/runtime/waker.h>

namespace weft::internal {

class MultiThread;
struct ThreadContext;

class alignas(kFalseSharingRange) Worker {
 public:
  Worker(MultiThread& scheduler, unsigned index, std::unique_ptr<Parker> parker,
         runtime::RngSeed seed);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  unsigned index() const noexcept { return index_; }
  MultiThread& scheduler() const noexcept { return scheduler_; }

  // --- The core: who holds it. Any thread.

  // Puts the core where another thread can take it. The caller holds it.
  void release_core() noexcept { core_is_free_.store(true, std::memory_order_release); }  // [W1]
  // Takes the core if it is free.
  [[nodiscard]] bool try_take_core() noexcept {
    return core_is_free_.exchange(false, std::memory_order_acq_rel);  // [W1]
  }

  // --- The holder's thread

  // Runs tasks until the runtime stops, or until the core is handed off and not given back.
  void run() noexcept;
  // The thread begins to run tasks: its time is busy time from now on.
  void begin_busy() noexcept;

  // Queues a task that was woken here.
  void schedule(FrameHeader* task) noexcept;
  // The same for one that was spawned here.
  void schedule_new(FrameHeader* task) noexcept;
  // Wakes `waker` after the driver's next turn.
  void defer(const Waker& waker);
  void note_forced_yield() noexcept { add(metrics_.forced_yields); }
  void note_spawned() noexcept { add(metrics_.spawned); }
  void note_ended() noexcept { add(metrics_.ended); }
  FrameHeader* lifo_slot() const noexcept { return lifo_; }

  // Children of scopes (fork_deque.h); for the scope, while it is polled here.
  void fork(FrameHeader* task) noexcept;
  FrameHeader* newest_fork() const noexcept { return newest_fork_; }
  // The newest, if it is of `home`, taken out. Null: there is none, or this resume has run so many
  // that others must have their turn.
  FrameHeader* take_fork(const TaskHome* home) noexcept;
  // Runs one that was taken, inside the poll of another task.
  void run_fork(FrameHeader* task, ThreadContext& context) noexcept;
  // Makes the newest stealable, too.
  void share_newest_fork() noexcept;
  // Before the core is handed off: makes everything queued here stealable.
  void publish_all() noexcept;
  // At shutdown: cancels everything queued here. False if a destructor that ran then has handed the
  // core off (block_in_place), and another thread goes on with it.
  [[nodiscard]] bool cancel_all() noexcept;
  // Before it ceases to be a worker: stops searching and gives all tasks to the others. From here
  // on the calling thread holds no worker.
  void hand_over() noexcept;

  // --- Any thread

  LocalQueue& queue() noexcept { return queue_; }
  // True if another worker could take something from here.
  bool has_stealable() const noexcept { return !queue_.empty() || !forks_.empty(); }
  const WorkerMetrics& metrics() const noexcept { return metrics_; }
  // Tasks that wait here, but for that in the LIFO slot.
  std::uint64_t queue_depth() const noexcept { return queue_.size() + forks_.size(); }
  // Ends its sleep, or else its next one.
  void unpark() noexcept;
  // Its thread leaves the loop after the resume that it is in.
  void ask_to_leave() noexcept {
    leaves_.store(true, std::memory_order_release);  // [W3]
    unpark();
  }
  // Forgets that: another thread is about to run it. Nobody asks at the same time.
  void expect_to_stay() noexcept {
    // relaxed: for the calling thread.
    leaves_.store(false, std::memory_order_relaxed);
  }
  // Changes while the worker runs tasks. For the watch.
  std::uint32_t tick() const noexcept {
    // relaxed: compared with an earlier value, nothing else.
    return tick_.load(std::memory_order_relaxed);
  }

 private:
  using SteadyPoint = std::chrono::steady_clock::time_point;
  static constexpr int kLifoCap = 3;
  // Forks run inside one resume: at most so many, and so many inside each other.
  static constexpr std::uint32_t kForkRuns = 16 * 1024;
  static constexpr std::uint32_t kForkDepth = 64;
  static constexpr std::uint32_t kForkTurns = 8;
  static constexpr std::chrono::microseconds kBacklogAge{200};
  static constexpr std::chrono::microseconds kLongBatch{120};
  static constexpr std::uint32_t kLongestBacklogStride = 64;

  // The loop.
  std::uint32_t next_tick() noexcept;
  FrameHeader* next_task(std::uint32_t tick) noexcept;
  FrameHeader* take_injected_batch() noexcept;
  FrameHeader* take_fork_in_turn() noexcept;
  void run_task(FrameHeader* task, ThreadContext& context) noexcept;
  PollOutcome measure_poll(FrameHeader* task, Budget& budget, ThreadContext& context) noexcept;
  bool settle(FrameHeader* task, PollOutcome outcome, ThreadContext& context) noexcept;
  void push_fork(FrameHeader* task) noexcept;
  FrameHeader* begin_fork(FrameHeader* task) noexcept;
  void maintain() noexcept;
  void poll_driver_now() noexcept;
  void ready_deferred() noexcept;
  void begin_backlog(SteadyPoint now, std::chrono::nanoseconds waited) noexcept;
  void share_old_backlog() noexcept;
  bool has_local_work() const noexcept;
  bool must_leave() const noexcept { return leaves_.load(std::memory_order_acquire); }  // [W3]

  // Queueing.
  void enqueue(FrameHeader* task) noexcept;
  void push_back(FrameHeader* task) noexcept;
  bool lifo_is_allowed() const noexcept;

  // Searching and sleeping (worker_sleep.cc).
  FrameHeader* search() noexcept;
  FrameHeader* steal_once(std::uint32_t at_least) noexcept;
  FrameHeader* steal_forks(Worker& victim) noexcept;
  void note_steal(std::size_t tasks) const noexcept;
  bool is_worth_waiting() const noexcept;
  void stop_searching() noexcept;
  void sleep() noexcept;
  void sleep_until_needed() noexcept;
  void wait() noexcept;
  bool leaves_driver_alone() noexcept;
  void wait_in_driver() noexcept;
  void wait_in_parker() noexcept;
  bool others_sleep() const noexcept;
  bool spin_in_driver() noexcept;
  bool spin_in_parker() noexcept;
  bool should_take_over() noexcept;
  void end_busy() noexcept;
  void record_busy(SteadyPoint now) noexcept;

  MultiThread& scheduler_;
  const unsigned index_;
  WorkerMetrics metrics_;  // written by the core's holder, read by all

  // --- The core: used by its holder only. [W1] orders one holder's use before the next one's.
  FrameHeader* lifo_ = nullptr;
  // LIFO tasks in a row. -1: since the driver's turn nothing has been run that the one in the slot
  // could belong to.
  int lifo_run_ = 0;
  bool is_searching_ = false;
  bool in_driver_ = false;        // wake-ups come from the driver's turn
  bool tick_is_due_ = false;      // the watch has woken us
  std::uint32_t vain_turns_ = 0;  // waits in the driver, one after the other, that woke nobody
  Budget budget_ = Budget::initial();
  FrameHeader* newest_fork_ = nullptr;  // not in forks_; null while no task is run
  std::uint32_t fork_depth_ = 0;
  std::uint32_t fork_runs_ = 0;  // in the resume that began at fork_tick_
  std::uint32_t fork_tick_ = 0;
  std::uint32_t fork_turn_ = 0;  // tasks taken while there were forks
  TaskChain deferred_;           // yielded, RUNNING, until the driver has had its turn
  std::vector<Waker> deferred_wakers_;
  FastRand random_;
  IntervalTuner tuner_;
  // The ticks of the next turn of the driver and of the next look at the injection queue: comparing
  // is cheaper than dividing the tick.
  std::uint32_t next_maintenance_;
  std::uint32_t next_injected_;
  AdaptiveSpin spin_;  // in the driver
  AdaptiveSpin parker_spin_;
  std::optional<SteadyPoint> backlog_since_;  // of the driver's last batch, while it is not run
  SteadyPoint backlog_checked_;               // when its age was last looked at
  std::uint32_t backlog_stride_ = 1;          // ticks from that look to the next
  std::uint32_t next_backlog_check_ = 0;      // tick
  SteadyPoint last_maintenance_;
  BusyTime busy_;
  MeanPollTime mean_poll_;
  ParkCount parks_;
  PollTimer poll_timer_;
  std::vector<std::uint32_t> seen_ticks_;  // of all workers, at the last watch tick

  // --- Shared
  LocalQueue queue_;
  ForkDeque forks_;
  // Where unpark() has to go. Set by the holder, exchanged by unparkers.
  // [W2] acq_rel exchanges on both sides: what an unparker did before is seen after the sleep, and
  //      a sleeper that has announced where it sleeps is woken there.
  enum class Place : std::uint8_t { kAwake, kInDriver, kInParker, kNotified };
  loom::Atomic<Place> place_{Place::kAwake};
  // [W1] release in release_core() -> acquire in try_take_core(): the core's fields.
  loom::Atomic<bool> core_is_free_{true};
  loom::Atomic<std::uint32_t> tick_{0};  // written by the holder
  // Set by who stops the runtime, or ends the loan of an attached thread; read by the holder.
  // [W3] release in ask_to_leave() -> acquire in must_leave(): that the runtime stops, if it does.
  loom::Atomic<bool> leaves_{false};
  const std::unique_ptr<Parker> parker_;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_WORKER_H_
