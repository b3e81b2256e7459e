// Event: what a task of a model waits for, and another thread or task makes happen.
//
// The flag is relaxed on purpose: that the awakened task sees it is the wake-up's job.

#ifndef WEFT_TESTS_LOOM_SCHEDULER_EVENT_H_
#define WEFT_TESTS_LOOM_SCHEDULER_EVENT_H_

#include <weft/loom/atomic.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/poll_fn.h>
#include <weft/runtime/waker_slot.h>

namespace weft::loom_test {

// One task waits; any thread fires, as often as it likes.
class Event {
 public:
  void fire() noexcept {
    // relaxed: see the head of this file.
    times_.fetch_add(1, std::memory_order_relaxed);
    slot_.wake();
  }
  // relaxed: as above.
  int times() const noexcept { return times_.load(std::memory_order_relaxed); }

  // Completes when it has been fired `times` times.
  auto fired(int times = 1) {
    return poll_fn([this, times](Context& cx) { return poll(cx, times); });
  }
  Poll<> poll(Context& cx, int times) {
    if (this->times() < times) {
      slot_.register_waker(cx);
      if (this->times() < times) return kPending;
    }
    // A waker that stays would keep the task's memory.
    static_cast<void>(slot_.take());
    return Poll<>();
  }

 private:
  loom::Atomic<int> times_{0};
  internal::WakerSlot slot_;
};

}  // namespace weft::loom_test

#endif  // WEFT_TESTS_LOOM_SCHEDULER_EVENT_H_
