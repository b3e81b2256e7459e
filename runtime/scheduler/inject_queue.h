// InjectQueue: runnable tasks that belong to no worker yet.
//
// Spec; the queue's part of R-38.
//
// Design. Threads that are no workers put their tasks here, and so does a worker whose own ring is
// full. Two intrusive lists through the one link of a task, each under a lock of its own:
//
//   push -> incoming_ (mu_) --all at once--> ready_ (ready_mu_) -> pop
//
// Whoever pushes holds its lock for a few instructions. Whoever takes a batch has to walk its
// links, which lie in the caches of those who pushed; it does so under the other lock, and if the
// batch is all there is, not even that. The length is mirrored in an atomic, so that the frequent
// question "is there anything?" takes no lock.
//
// Shutting down closes the queue in two steps, both under the lock, so that each push is either
// before or after:
//
//   open --stop_spawning--> no spawns --close--> closed
//
//   no spawns   new tasks are refused; tasks that exist may still be woken, because those being
//               cancelled need it until the last of them has ended.
//   closed      nothing is accepted. A refused push does nothing: the task stays the caller's.

#ifndef WEFT_RUNTIME_SCHEDULER_INJECT_QUEUE_H_
#define WEFT_RUNTIME_SCHEDULER_INJECT_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>

#include <weft/base/cache_line.h>
#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/scheduler/task_chain.h>

namespace weft::internal {

// Thread-safe. Owns no task: what is queued carries its own reference.
class InjectQueue {
 public:
  InjectQueue() noexcept = default;
  InjectQueue(const InjectQueue&) = delete;
  InjectQueue& operator=(const InjectQueue&) = delete;
  // Fatal in debug builds if a task is left.
  ~InjectQueue();

  // Appends a task that was woken. False, and nothing done, if the queue is closed.
  //
  // All pushes are ordered before the caller's following seq_cst load of the idle word, as
  // LocalQueue::push is [I1].
  [[nodiscard]] bool push(FrameHeader* task) noexcept {
    return push_if_open_with(task, [] {});
  }

  // Appends `count` tasks linked through queue_next from `first` to `last`. False, and nothing
  // done, if the queue is closed.
  [[nodiscard]] bool push_batch(FrameHeader* first, FrameHeader* last, std::size_t count) noexcept;

  // Appends a task that was spawned. False, and nothing done, from stop_spawning() on.
  [[nodiscard]] bool push_spawned(FrameHeader* task) noexcept {
    return push_spawned_with(task, [] {});
  }

  // push(), and push_spawned(), that call `under_lock()` first if they accept the task: for what
  // has to change together with the queue. A few instructions, which do not block or throw.
  template <class F>
  [[nodiscard]] bool push_if_open_with(FrameHeader* task, F&& under_lock) noexcept;
  template <class F>
  [[nodiscard]] bool push_spawned_with(FrameHeader* task, F&& under_lock) noexcept;

  // Takes the oldest; null if empty. Does not lock if the length reads 0.
  FrameHeader* pop() noexcept;

  // Takes the oldest `limit`, or all if they are fewer. Does not lock if the length reads 0. The
  // caller owns the tasks and has to run or queue every one.
  [[nodiscard]] TaskChain pop_up_to(std::size_t limit) noexcept;

  // Refuses spawned tasks from now on. True for the one call that did it. A spawn that was accepted
  // happens before it returns.
  bool stop_spawning() noexcept;

  // Refuses everything from now on; implies stop_spawning(). True for the one call that did it.
  // What is queued stays until popped.
  bool close() noexcept;

  // Without a lock: may be out of date as soon as it returns. Once false, or once true, it stays
  // so.
  bool accepts_spawns() const noexcept;
  bool is_closed() const noexcept;

  // How many tasks are queued, without a lock. As a re-check of a worker that has just announced,
  // by a seq_cst read-modify-write of the idle word, that it is going to sleep, it misses no task
  // whose pusher will not see that worker [I1].
  std::size_t length() const noexcept {
    return length_.load(std::memory_order_seq_cst);  // [I1]
  }

 private:
  enum class Gate : std::uint8_t { kOpen, kNoSpawns, kClosed };

  // All under mu_.
  Gate gate() const noexcept;
  void append(TaskChain tasks) noexcept;
  // Appends `task` if the gate is no further than `furthest`.
  template <class F>
  bool push_until(Gate furthest, FrameHeader* task, F&& under_lock) noexcept;
  bool advance_to(Gate gate) noexcept;

  // Under ready_mu_: moves what has come meanwhile behind what is ready.
  void fetch() noexcept;

  // On a line of its own: whoever takes does not disturb those who push.
  alignas(kFalseSharingRange) loom::Mutex ready_mu_;
  TaskChain ready_;  // guarded by ready_mu_; older than incoming_

  // Taken alone, or inside ready_mu_.
  alignas(kFalseSharingRange) loom::SpinMutex mu_;
  TaskChain incoming_;  // guarded by mu_

  // The number of tasks in both lists. Added to under mu_, taken from under ready_mu_ after the
  // tasks have been taken, so it is never less than there are; read without.
  //
  // [I1] seq_cst addition in append(), then a seq_cst load of the idle word by the pusher; a
  //      seq_cst read-modify-write of the idle word by a worker about to sleep, then the seq_cst
  //      load in length(). In the single order of these four one of the two sees the other.
  loom::Atomic<std::size_t> length_{0};

  // Written under mu_, only forward; read under it and without.
  // [I2] release in advance_to() -> acquire in accepts_spawns(), is_closed(): what the closer did
  //      before. Whether a push is accepted is decided under mu_, where relaxed is enough.
  loom::Atomic<Gate> gate_{Gate::kOpen};
};

template <class F>
bool InjectQueue::push_if_open_with(FrameHeader* task, F&& under_lock) noexcept {
  return push_until(Gate::kNoSpawns, task, std::forward<F>(under_lock));
}

template <class F>
bool InjectQueue::push_spawned_with(FrameHeader* task, F&& under_lock) noexcept {
  return push_until(Gate::kOpen, task, std::forward<F>(under_lock));
}

template <class F>
bool InjectQueue::push_until(Gate furthest, FrameHeader* task, F&& under_lock) noexcept {
  std::lock_guard lock(mu_);
  if (gate() > furthest) return false;
  std::forward<F>(under_lock)();
  task->queue_next = nullptr;
  append({task, task, 1});
  return true;
}

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_INJECT_QUEUE_H_
