// What the scheduler and the handles do with a task whose result type they do not know.
//
// Spec: ..R-114, R-117, R-118, T-2, T-4.
//
// A spawned task is the FrameHeader of its root frame. What depends on the result's type is in
// TaskOps, a table per type; everything else is here, once.

#ifndef WEFT_RUNTIME_TASK_RAW_TASK_H_
#define WEFT_RUNTIME_TASK_RAW_TASK_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>

#include <weft/base/intrusive_list.h>
#include <weft/runtime/context.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/task.h>

namespace weft::internal {

class TaskHome;
struct ThreadContext;

struct TaskOps : WakeOps {
  // After the chain has ended: moves the output out of the frame, destroys the frame, and puts the
  // output into the dead frame, so that all of the task's locals are gone before it is seen.
  void (*finish)(FrameHeader* task) noexcept;
  // Destroys the output. With the task's id current; exceptions of its destructor are fatal.
  void (*drop_output)(FrameHeader* task) noexcept;
  // False in the tables of types. True: the table is one task's own, an OwnTaskOps.
  bool is_own = false;
};

inline const TaskOps& ops_of(FrameHeader& task) noexcept {
  // SAFETY(cast): init_task() gives every task a TaskOps.
  return *static_cast<const TaskOps*>(task.ops());
}

// A task that was given a name, or whose latency is tracked, has a table of its own, which that
// stands behind: so it costs an allocation, and other tasks no room. It goes with the task's block.
struct OwnTaskOps : TaskOps, ListNode {
  OwnTaskOps(const TaskOps& of_type, std::string task_name)
      : TaskOps(of_type), name(std::move(task_name)) {
    is_own = true;
  }
  const std::string name;
  std::uint64_t id = 0;  // the task's, if it has a name: for task_names.h
  // When the task became runnable, if that is tracked. Who has the task writes it: task_hooks.h.
  mutable std::chrono::steady_clock::time_point ready_since;
};

// What the task was named; empty if nothing. Good for as long as the caller has a reference.
inline std::string_view name_of(FrameHeader& task) noexcept {
  const TaskOps& ops = ops_of(task);
  // SAFETY(cast): is_own says so.
  return ops.is_own ? std::string_view(static_cast<const OwnTaskOps&>(ops).name)
                    : std::string_view();
}
// A table for a task that is about to be made: the type's, or one with the name. Throws
// std::bad_alloc.
inline std::unique_ptr<OwnTaskOps> make_named_ops(const TaskOps& of_type, std::string_view name) {
  if (name.empty()) return nullptr;
  return std::make_unique<OwnTaskOps>(of_type, std::string(name));
}

// Gives the memory of a task that is complete back: nobody refers to it any more.
void free_task(FrameHeader* task) noexcept;

// Makes a task of a frame that has not started. The caller holds two references: NOTIFIED, to be
// queued, and JOIN_INTEREST, for the handle.
void init_task(FrameHeader* task, const TaskOps* ops, TaskHome& home, ThreadContext& context,
               std::source_location where) noexcept;

enum class PollOutcome : std::uint8_t {
  kEnded,     // do not touch it again
  kIdle,      // do not touch it again
  kNotified,  // woken while it ran: queue it
  kDeferred,  // it yielded: put it aside, still RUNNING, until the driver has had its turn
};
// `context` is the calling thread's, in these and below: looking it up is not free, and a poll
// begins and ends on one thread.

// Runs a task that the caller took from a queue or put aside.
PollOutcome poll_task(FrameHeader* task, Budget& budget, ThreadContext& context) noexcept;
// The same for the first poll of a fork, by its home (scheduler/fork_deque.h). Unless it ends in
// it, calls becomes_shared() of its home before it lets go of it.
PollOutcome poll_fork(FrameHeader* task, Budget& budget, ThreadContext& context) noexcept;
// As poll_task(), but the task is cancelled instead of run. Never kDeferred.
PollOutcome cancel_task(FrameHeader* task, ThreadContext& context) noexcept;
// Cancels a task that TaskState::claim_for_shutdown() has taken.
PollOutcome cancel_claimed_task(FrameHeader* task, ThreadContext& context) noexcept;
// RUNNING becomes COMPLETE; wakes the joiner; frees the task if nobody refers to it.
void complete_state(FrameHeader* task, std::uint32_t cloned_wakers) noexcept;
// The same, and tells the hooks and the home.
void complete_task(FrameHeader* task, std::uint32_t cloned_wakers, ThreadContext& context) noexcept;

// Functions of every task's WakeOps.
void wake_task(Wakeable* task) noexcept;
void wake_task_by_ref(Wakeable* task) noexcept;
void retain_task(Wakeable* task) noexcept;
void release_task(Wakeable* task) noexcept;

// The JoinHandle's side.
bool poll_join(FrameHeader* task, Context& cx) noexcept;
void drop_join_handle(FrameHeader* task, bool has_output) noexcept;
void abort_task(FrameHeader* task) noexcept;

// Where the calling thread keeps the id of the task that it runs; not to be kept longer than a
// poll.
std::uint64_t& current_task_id_slot() noexcept;

// The current task id on this thread, for its destructor's lifetime.
class TaskIdScope {
 public:
  explicit TaskIdScope(std::uint64_t id) noexcept : TaskIdScope(id, current_task_id_slot()) {}
  TaskIdScope(std::uint64_t id, std::uint64_t& slot) noexcept
      : slot_(slot), outer_(std::exchange(slot, id)) {}
  ~TaskIdScope() { slot_ = outer_; }
  TaskIdScope(const TaskIdScope&) = delete;
  TaskIdScope& operator=(const TaskIdScope&) = delete;

 private:
  std::uint64_t& slot_;
  const std::uint64_t outer_;
};

template <class T>
void finish_task(FrameHeader* task) noexcept {
  auto& storage = TaskPromise<T>::result_of(task);
  const auto destroy_frame = [task] {
    task->handle().destroy();
    task->frame_is_dead = true;
  };
  if (task->frame_is_dead) return;  // ended by ok(): its output is in place already
  // SAFETY(storage): `outcome` names the live member; it is moved out, dies with the frame or just
  // before it, and is made again in the storage, which nobody else uses: the block is kept.
  if (task->outcome == Outcome::kException) {
    std::exception_ptr exception = std::move(storage.exception);
    std::destroy_at(&storage.exception);
    destroy_frame();
    std::construct_at(&storage.exception, std::move(exception));
  } else if constexpr (!std::is_void_v<T>) {
    T value = std::move(storage.value);
    // SAFETY(storage): as above.
    std::destroy_at(&storage.value);
    destroy_frame();
    std::construct_at(&storage.value, std::move(value));
  } else {
    destroy_frame();
  }
}

template <class T>
void drop_task_output(FrameHeader* task) noexcept {
  destroy_result<T>(TaskPromise<T>::result_of(task), task->outcome);
  task->outcome = Outcome::kNone;
}

template <class T>
inline constexpr TaskOps kTaskOps{{&wake_task, &wake_task_by_ref, &retain_task, &release_task},
                                  &finish_task<T>,
                                  &drop_task_output<T>};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_TASK_RAW_TASK_H_
