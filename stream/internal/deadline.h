// Deadline: a timer inside of a stream, which may be moved although it is running.
//
// Spec: ST-14..ST-17; T-70, TM-19.

#ifndef WEFT_STREAM_INTERNAL_DEADLINE_H_
#define WEFT_STREAM_INTERNAL_DEADLINE_H_

#include <chrono>
#include <memory>
#include <source_location>

#include <weft/runtime/context.h>
#include <weft/runtime/coop.h>
#include <weft/time/instant.h>
#include <weft/time/internal/far_future.h>
#include <weft/time/sleep.h>

namespace weft::stream::internal {

// Used by one task at a time.
class Deadline {
 public:
  // `duration` from now. A check failure at `where` if the current runtime has no timers.
  Deadline(std::chrono::nanoseconds duration, std::source_location where)
      : sleep_(std::make_unique<time::Sleep>(time::sleep(duration, where))) {}

  void reset(std::chrono::nanoseconds duration) noexcept {
    sleep_->reset(time::internal::after(time::Clock::now(), duration));
  }

  // True: it has passed; not again before reset(). Throws RuntimeGone.
  bool poll(Context& cx) {
    if (!sleep_->poll(cx)) return false;
    sleep_->take();
    return true;
  }
  // The same after something else was polled: if that has used up the budget, it goes without.
  // Otherwise what is always busy would never be timed out.
  bool poll_after(Context& cx, bool had_budget) {
    if (!had_budget || !cx.budget_exhausted()) return poll(cx);
    Budget unlimited = Budget::unconstrained();
    Budget* const own = cx.swap_budget(&unlimited);
    const bool has_passed = sleep_->poll(cx);
    cx.swap_budget(own);
    if (has_passed) sleep_->take();
    return has_passed;
  }

 private:
  std::unique_ptr<time::Sleep> sleep_;  // may not move once it has been polled
};

}  // namespace weft::stream::internal

#endif  // WEFT_STREAM_INTERNAL_DEADLINE_H_
