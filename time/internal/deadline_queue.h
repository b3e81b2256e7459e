// DeadlineQueue: things with a deadline, in the order of their deadlines, and one timer for all.
//
// Spec: T-50; TM-30..TM-36 for the wheel.
//
// What DelayQueue is without its values. Nodes stand in a timer wheel of the queue's own, whose
// ticks are milliseconds since the queue was made; only the wheel's next expiration has a timer in
// the runtime. Waiting for a million deadlines so costs the runtime one timer, and inserting takes
// no lock.
//
//   wheel_   what is still to come
//   due_     what the wheel has given up: all of one tick. The wheel is advanced slot by slot, and
//            only when due_ is empty, so what is inserted meanwhile is still put in order.
//   late_    what is inserted behind the wheel's time, having passed already; goes before due_
//
// One consumer polls. It is woken by the timer, and by whoever changes what it waits for: an
// insertion before the timer, a removal of the last node. A timer that has become too early is left
// alone: the consumer finds nothing due and sets it anew.

#ifndef WEFT_TIME_INTERNAL_DEADLINE_QUEUE_H_
#define WEFT_TIME_INTERNAL_DEADLINE_QUEUE_H_

#include <cstddef>
#include <source_location>

#include <weft/base/intrusive_list.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/timer_entry.h>
#include <weft/runtime/driver/timer_shard.h>
#include <weft/runtime/driver/timer_wheel.h>
#include <weft/runtime/waker.h>
#include <weft/time/instant.h>

namespace weft::time::internal {

// Immovable; in no queue when destroyed.
class DeadlineNode : public weft::internal::TimerNode {
 public:
  Instant deadline() const noexcept { return deadline_; }

 private:
  friend class DeadlineQueue;
  Instant deadline_;
  bool is_in_wheel_ = false;  // else in due_ or late_, while it is in a queue
};

// Used by one thread at a time. Immovable. Empty when destroyed.
class DeadlineQueue {
 public:
  // What a poll found.
  enum class Found {
    kNothingYet,  // the consumer will be woken
    kNode,
    kEmpty,
    kRuntimeGone,  // nothing will ever be due: the timer's runtime has ended
  };

  // The timer belongs to the current runtime, else to that of the first poll that has to wait; a
  // check failure at `where` as for sleep().
  explicit DeadlineQueue(std::source_location where) noexcept;
  DeadlineQueue(const DeadlineQueue&) = delete;
  DeadlineQueue& operator=(const DeadlineQueue&) = delete;

  bool empty() const noexcept { return count_ == 0; }
  // The time that says what has passed: of the runtime that the timer belongs to, wherever the
  // queue is used.
  Instant now() const noexcept { return Clock::from_steady(timer_.now()); }

  // Puts `node`, which is in no queue, under `deadline`. A check failure at `where` if that is too
  // far away. May wake the consumer.
  void insert(DeadlineNode& node, Instant deadline, std::source_location where) noexcept;
  // Takes `node` out. Wakes the consumer if it was the last.
  void remove(DeadlineNode& node) noexcept;
  // The same as remove() and insert(), without waking for the removal.
  void move(DeadlineNode& node, Instant deadline, std::source_location where) noexcept;
  // Puts `to`, which is in no queue, where `from` is, and takes that out.
  void replace(DeadlineNode& from, DeadlineNode& to) noexcept;

  // The node with the first deadline; null if empty. Searches one slot of the wheel.
  DeadlineNode* first() noexcept;

  // Wakes nobody from now on, until the next poll.
  void forget_consumer() noexcept { consumer_ = Waker(); }

  // One step of waiting. kNode: `node` has passed, and is taken out.
  Found poll(Context& cx, DeadlineNode*& node) noexcept;
  // After one that found kNothingYet: when the timer wakes the consumer.
  weft::internal::SteadyTime next_look() const noexcept { return scale_.instant(armed_); }

 private:
  using List = IntrusiveList<weft::internal::TimerNode>;
  using Tick = weft::internal::Tick;

  static DeadlineNode* node_of(weft::internal::TimerNode* node) noexcept {
    // SAFETY(cast): only insert() and replace() put nodes into wheel_, due_ and late_.
    return static_cast<DeadlineNode*>(node);
  }

  void link(DeadlineNode& node, Instant deadline, std::source_location where) noexcept;
  void unlink(DeadlineNode& node) noexcept;
  DeadlineNode* pop_due() noexcept;
  void collect_due() noexcept;
  Tick reached() const noexcept;
  Found wait_for(Tick tick, Context& cx) noexcept;
  void wake_consumer() noexcept;

  const weft::internal::TickScale scale_;  // from the queue's making
  weft::internal::TimerWheel wheel_;
  List due_;
  List late_;
  std::size_t count_ = 0;

  weft::internal::TimerEntry timer_;
  Tick armed_ = 0;  // what timer_ is set for, once it has been
  Waker consumer_;  // empty: nobody waits
};

}  // namespace weft::time::internal

#endif  // WEFT_TIME_INTERNAL_DEADLINE_QUEUE_H_
