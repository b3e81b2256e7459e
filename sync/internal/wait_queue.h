// WaitQueue: tasks that wait until a condition kept elsewhere has changed.
//
// Spec: SY-3 .. SY-6; used by watch, Barrier and SetOnce.
//
// Design. Every waiter is woken at every change, and then looks at the condition itself: so a wait
// carries no state that could be lost, and a waiter that goes away forwards nothing. The law of use
// is that of WakerSlot: a waiter is armed and *then* looks again; who changes the condition does
// that first and *then* wakes. While nobody waits, waking costs one load.
//
//   has_waiters_   set under mu_ by who arms, cleared under mu_ by who takes the list
//   seq_cst        Arming sets it, then looks at the condition; the change of the condition (a
//                  seq_cst read-modify-write) precedes the look at it: one of the two sees the
//                  other.

#ifndef WEFT_SYNC_INTERNAL_WAIT_QUEUE_H_
#define WEFT_SYNC_INTERNAL_WAIT_QUEUE_H_

#include <weft/base/intrusive_list.h>
#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/context.h>
#include <weft/runtime/waker.h>

namespace weft::sync::internal {

// Thread-safe. Must outlive its waiters.
class WaitQueue {
 public:
  class Waiter;

  WaitQueue() noexcept = default;
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;
  ~WaitQueue();

  // Wakes everybody that is armed. Precondition: the change was a seq_cst read-modify-write.
  void wake_all() noexcept {
    if (has_waiters_.load(std::memory_order_seq_cst)) wake_waiters();
  }

 private:
  void wake_waiters() noexcept;

  loom::Atomic<bool> has_waiters_{false};
  loom::SpinMutex mu_;
  IntrusiveList<Waiter> waiters_;  // guarded by mu_
};

// One waiting task: part of its leaf. Immovable; used by that task.
class WaitQueue::Waiter : private ListNode {
 public:
  explicit Waiter(WaitQueue& queue) noexcept : queue_(queue) {}
  ~Waiter() {
    // If it was never armed, or has been woken since, there is nothing to undo and no lock to take.
    if (is_armed_.load(std::memory_order_acquire)) disarm();  // [WQ1]
  }

  // The next change wakes `cx`, and only it. Look at the condition again, by a seq_cst load, after
  // this.
  void arm(Context& cx) noexcept;

 private:
  friend class WaitQueue;
  friend class IntrusiveList<Waiter>;
  void disarm() noexcept;

  WaitQueue& queue_;
  Waker waker_;  // guarded by queue_.mu_
  // Set by the waiting task; cleared by who wakes it, as the last thing it does with the waiter.
  // [WQ1] release in wake_waiters() -> acquire in ~Waiter(): it is out of every list.
  loom::Atomic<bool> is_armed_{false};
};

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_WAIT_QUEUE_H_
