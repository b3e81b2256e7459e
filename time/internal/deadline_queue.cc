// DeadlineQueue. See deadline_queue.h.

#include <weft/time/internal/deadline_queue.h>

#include <algorithm>
#include <utility>

#include <weft/base/check.h>

namespace weft::time::internal {

using weft::internal::Tick;
using weft::internal::TimerEntry;
using weft::internal::TimerNode;
using weft::internal::TimerWheel;

DeadlineQueue::DeadlineQueue(std::source_location where) noexcept
    : scale_(Clock::to_steady(Clock::now())),
      timer_(scale_.start(), TimerEntry::Deadline::kUnknown, where) {}

void DeadlineQueue::insert(DeadlineNode& node, Instant deadline,
                           std::source_location where) noexcept {
  link(node, deadline, where);
  ++count_;
}

void DeadlineQueue::remove(DeadlineNode& node) noexcept {
  unlink(node);
  if (--count_ == 0) wake_consumer();
}

void DeadlineQueue::move(DeadlineNode& node, Instant deadline,
                         std::source_location where) noexcept {
  unlink(node);
  link(node, deadline, where);
}

void DeadlineQueue::replace(DeadlineNode& from, DeadlineNode& to) noexcept {
  to.deadline_ = from.deadline_;
  to.is_in_wheel_ = from.is_in_wheel_;
  if (from.is_in_wheel_) {
    const Tick tick = from.tick();
    wheel_.remove(from);
    const bool is_ahead = wheel_.insert(to, tick);
    WEFT_DCHECK(is_ahead, "DeadlineQueue::replace: the wheel held what had passed");
    static_cast<void>(is_ahead);
  } else {
    // Those of one list have the same tick, or had passed when they came: any order will do.
    List::remove(from);
    due_.push_back(to);
  }
}

void DeadlineQueue::link(DeadlineNode& node, Instant deadline,
                         std::source_location where) noexcept {
  const Instant now = this->now();
  // What has passed is not rounded up: it is due at once, behind what has been due for longer.
  const Tick tick = deadline <= now ? scale_.floor(Clock::to_steady(deadline))
                                    : scale_.ceil(Clock::to_steady(deadline));
  // Only if it has to: as long as the wheel's time stands still, what has passed is put in order.
  if (tick >= wheel_.elapsed() + TimerWheel::kRange) {
    wheel_.skip_to(scale_.floor(Clock::to_steady(now)));
  }
  WEFT_CHECK(tick < wheel_.elapsed() + TimerWheel::kRange,
             "time::DelayQueue: a deadline more than 2^36 - 1 ms (about 2.18 years) away; insert "
             "an earlier one and reset it when it comes",
             where);
  node.deadline_ = deadline;
  node.is_in_wheel_ = wheel_.insert(node, tick);
  if (!node.is_in_wheel_) late_.push_back(node);
  if (!node.is_in_wheel_ || tick < armed_) wake_consumer();
}

void DeadlineQueue::unlink(DeadlineNode& node) noexcept {
  if (node.is_in_wheel_) {
    wheel_.remove(node);
  } else {
    List::remove(node);
  }
}

DeadlineNode* DeadlineQueue::first() noexcept {
  if (TimerNode* const late = late_.front()) return node_of(late);
  if (TimerNode* const due = due_.front()) return node_of(due);
  return node_of(wheel_.first());
}

DeadlineQueue::Found DeadlineQueue::poll(Context& cx, DeadlineNode*& node) noexcept {
  for (;;) {
    node = pop_due();
    if (node != nullptr) {
      --count_;
      return Found::kNode;
    }
    if (count_ == 0) {
      timer_.cancel();
      consumer_ = Waker();
      return Found::kEmpty;
    }
    const Tick next = *wheel_.next_expiration();
    if (next <= reached()) {
      collect_due();
      continue;
    }
    const Found found = wait_for(next, cx);
    if (found != Found::kNode) return found;
  }
}

DeadlineNode* DeadlineQueue::pop_due() noexcept {
  TimerNode* node = late_.pop_front();
  if (node == nullptr) node = due_.pop_front();
  return node_of(node);
}

// Advances the wheel by one slot: either its timers are due, all of one tick, or they cascade.
void DeadlineQueue::collect_due() noexcept {
  wheel_.advance(*wheel_.next_expiration(), [](TimerNode& node, Tick) { return node.tick(); });
  while (TimerNode* const node = wheel_.pop_due()) {
    node_of(node)->is_in_wheel_ = false;
    due_.push_back(*node);
  }
}

// The tick that it is now. A timer that has fired is believed even if the clock that is read here,
// that of another runtime once its own has ended, has not got there: else it would be set again.
Tick DeadlineQueue::reached() const noexcept {
  const Tick now = scale_.floor(timer_.now());
  return timer_.is_elapsed() ? std::max(now, armed_) : now;
}

// kNode: it is `tick` already.
DeadlineQueue::Found DeadlineQueue::wait_for(Tick tick, Context& cx) noexcept {
  if (!timer_.is_registered()) {
    timer_.set_deadline(scale_.instant(tick));
  } else if (armed_ != tick) {
    timer_.reset(scale_.instant(tick));
  }
  armed_ = tick;
  if (timer_.poll(cx)) return timer_.is_gone() ? Found::kRuntimeGone : Found::kNode;
  if (!consumer_.will_wake(cx.waker())) consumer_ = cx.clone_waker();
  return Found::kNothingYet;
}

void DeadlineQueue::wake_consumer() noexcept { std::move(consumer_).wake(); }

}  // namespace weft::time::internal
