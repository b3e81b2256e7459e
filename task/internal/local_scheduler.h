// LocalScheduler: the inside of a LocalSet: its queues, and one turn of running them.
//
// Spec: T-22..T-30, R-97, R-120.
//
// Everything but two things is used by the owner's thread alone and needs no lock: the queue of
// tasks woken here, the tasks that yielded, the list of all tasks. Other threads reach
//   remote_   what they have woken; a queue with a lock of its own
//   driver_   the waker of whoever drives the set, which they wake after that
// and, for dumps (runtime/dump/dump_walk.h), its idle tasks.
// A set runs in turns: a poll of whoever drives it takes up to 61 tasks, each with a budget of its
// own, and asks to be polled again if there are more.
//
// A task that yields has to wait until the driver of the runtime had its turn. It is put
// aside, still RUNNING, and a waker of ours is left where the runtime keeps those of yielding
// tasks; when that is woken, the next turn takes the tasks up again.
//
// The end. The set closes; tasks that are idle are claimed by their state word, the others are in
// one of the queues, or just being woken by a foreign thread, for whose push the owner then waits,
// or held by a dump, which gives it back. The scheduler is counted: such a thread keeps it alive
// until it has left.

#ifndef WEFT_TASK_INTERNAL_LOCAL_SCHEDULER_H_
#define WEFT_TASK_INTERNAL_LOCAL_SCHEDULER_H_

#include <cstddef>
#include <cstdint>
#include <source_location>

#include <weft/loom/atomic.h>
#include <weft/runtime/context.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/scheduler/config.h>
#include <weft/runtime/scheduler/inject_queue.h>
#include <weft/runtime/scheduler/task_chain.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/task/local_home.h>
#include <weft/runtime/task/task_registry.h>
#include <weft/runtime/waker.h>
#include <weft/runtime/waker_slot.h>

namespace weft::internal {

// Made, used and shut down on one thread, its owner; only schedule() and take_back() may be called
// from others.
class LocalScheduler final : public LocalHome, public RefCounted<LocalScheduler> {
 public:
  explicit LocalScheduler(std::source_location where);
  ~LocalScheduler() = default;

  // As TaskHome and LocalHome say.
  void schedule(FrameHeader* task) noexcept override;
  void schedule_new(FrameHeader* task, ThreadContext& context) noexcept override;
  void take_back(FrameHeader* task) noexcept override;
  void task_threw() noexcept override;
  void task_has_ended(ThreadContext& context) noexcept override;
  void prepare_spawn(std::source_location where) override;

  // Before the first task.
  void set_policy(runtime::UnhandledException policy, std::source_location where);

  // A check failure at `where` on another thread.
  void check_owner(std::source_location where) const;
  // The same, and also if this thread, or the task that runs on it, must not drive the set.
  void check_may_drive(std::source_location where) const;
  // From now on, the computation that `cx` polls is woken when the set has something to do.
  void register_driver(Context& cx) noexcept { driver_.register_waker(cx); }
  // One turn, inside a LocalScope. Wakes the driver if there is more to run.
  void run_turn(std::source_location where) noexcept;
  bool has_tasks() const noexcept { return alive_ != 0; }

  // Cancels all tasks; none can be spawned any more. The owner is going away.
  void shut_down() noexcept;

 private:
  friend class LocalScope;

  // Woken when the runtime's driver had its turn.
  class TurnWaker final : public Wakeable {
   public:
    explicit TurnWaker(LocalScheduler& set) noexcept : Wakeable(0, &kOps), set_(set) {}

   private:
    static LocalScheduler& set_of(Wakeable* target) noexcept;
    static void wake(Wakeable* target) noexcept;
    static void wake_by_ref(Wakeable* target) noexcept;
    static void retain(Wakeable* target) noexcept;
    static void release(Wakeable* target) noexcept;
    static const WakeOps kOps;

    LocalScheduler& set_;  // which this is a part of, and whose count it uses
  };

  static constexpr int kTasksPerTurn = 61;
  static constexpr std::uint32_t kRemoteInterval = 31;

  bool is_owner() const noexcept { return thread_number() == owner_; }
  FrameHeader* next_task() noexcept;
  void ready_deferred() noexcept;
  // What a poll, or a cancellation, of a task that was taken from a queue left to do.
  void settle(FrameHeader* task, bool is_notified, bool is_deferred) noexcept;
  void run(FrameHeader* task, ThreadContext& context) noexcept;
  void cancel_idle(ThreadContext& context) noexcept;
  void cancel_queued(ThreadContext& context) noexcept;
  void cancel_all() noexcept;
  void check_nothing_lives_on() const noexcept;

  const std::uint64_t owner_;  // thread_number()
  const std::source_location made_at_;

  // The owner's.
  TaskChain local_;
  TaskChain deferred_;  // yielded, RUNNING, until the runtime's driver had its turn
  TaskRegistry tasks_;
  std::size_t alive_ = 0;
  std::uint32_t tick_ = 0;
  runtime::UnhandledException policy_ = runtime::UnhandledException::kIgnore;
  bool is_polled_ = false;  // a LocalScope of this set is open
  bool has_spawned_ = false;
  bool is_closed_ = false;
  bool has_thrown_ = false;

  // Shared.
  InjectQueue remote_;
  WakerSlot driver_;
  // [L1] release in TurnWaker -> acquire in ready_deferred(): the runtime's driver had its turn.
  loom::Atomic<bool> turn_is_over_{false};
  TurnWaker turn_waker_{*this};
  // [L2] A dump gives a task back that the end could not claim: it sets look_again_ and then looks
  //      at is_ending_; the end sets is_ending_ and then looks at look_again_. Both are seq_cst, so
  //      one of the two sees the other's; look_again_ also carries the task's state.
  loom::Atomic<bool> is_ending_{false};
  loom::Atomic<bool> look_again_{false};
};

// Enters a set: spawn_local() goes there. With kRuns, the set's tasks (or what is awaited inside
// it) run meanwhile, so the thread must not be blocked, not even by block_in_place (T-28).
class LocalScope {
 public:
  enum class Kind { kEntersOnly, kRuns };

  LocalScope(LocalScheduler& set, Kind kind) noexcept;
  ~LocalScope();
  LocalScope(const LocalScope&) = delete;
  LocalScope& operator=(const LocalScope&) = delete;

 private:
  LocalScheduler& set_;
  LocalHome* const outer_;
  const Kind kind_;
  const Entered outer_entered_;
  const bool was_polled_;
};

}  // namespace weft::internal

#endif  // WEFT_TASK_INTERNAL_LOCAL_SCHEDULER_H_
