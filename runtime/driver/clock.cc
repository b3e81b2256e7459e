// Clock. See clock.h.

#include <weft/runtime/driver/clock.h>

#include <algorithm>
#include <mutex>

#include <weft/base/check.h>
#include <weft/loom/steady_clock.h>

namespace weft::internal {

using std::chrono::nanoseconds;

Clock::Clock(bool may_pause, bool start_paused) noexcept
    : may_pause_(may_pause || start_paused), base_(loom::SteadyClock::now()) {
  if (start_paused) {
    // relaxed: see any_was_paused().
    PausedOnce::get().flag.store(true, std::memory_order_relaxed);
  } else {
    unfrozen_ = base_;
  }
}

SteadyTime Clock::now() const noexcept {
  if (!any_was_paused() || !may_pause_) [[likely]]
    return loom::SteadyClock::now();
  const std::lock_guard lock(mutex_);
  return now_locked();
}

SteadyTime Clock::now_locked() const noexcept {
  if (!unfrozen_) return base_;
  return base_ + (loom::SteadyClock::now() - *unfrozen_);
}

void Clock::pause(std::source_location where) noexcept {
  WEFT_CHECK(may_pause_,
             "time::pause: this runtime has several threads; only the clock of a current-thread "
             "runtime can be paused",
             where);
  const std::lock_guard lock(mutex_);
  WEFT_CHECK(unfrozen_, "time::pause: the clock is paused already; resume it first", where);
  base_ = now_locked();
  unfrozen_.reset();
  // relaxed: see any_was_paused().
  PausedOnce::get().flag.store(true, std::memory_order_relaxed);
}

void Clock::resume(std::source_location where) noexcept {
  const std::lock_guard lock(mutex_);
  WEFT_CHECK(!unfrozen_, "time::resume: the clock is not paused; pause it first", where);
  unfrozen_ = loom::SteadyClock::now();
}

void Clock::advance(nanoseconds duration, std::source_location where) noexcept {
  duration = std::max(duration, nanoseconds::zero());
  const std::lock_guard lock(mutex_);
  WEFT_CHECK(!unfrozen_, "time::advance: the clock is not paused; pause it first", where);
  WEFT_CHECK(base_ <= SteadyTime::max() - duration,
             "time::advance: the clock cannot be moved that far: its range ends before", where);
  base_ += duration;
}

bool Clock::is_paused() const noexcept {
  if (!any_was_paused() || !may_pause_) return false;
  const std::lock_guard lock(mutex_);
  return !unfrozen_;
}

void Clock::inhibit_auto_advance() noexcept {
  if (!may_pause_) return;
  const std::lock_guard lock(mutex_);
  ++inhibitors_;
}

void Clock::allow_auto_advance() noexcept {
  if (!may_pause_) return;
  const std::lock_guard lock(mutex_);
  WEFT_DCHECK(inhibitors_ > 0);
  --inhibitors_;
}

Clock::Wait Clock::how_to_wait() const noexcept {
  if (!may_pause_) return Wait::kSleep;
  // Not decided by any_was_paused(): see Driver::clock_was_set().
  const std::lock_guard lock(mutex_);
  if (unfrozen_) return Wait::kSleep;
  return inhibitors_ == 0 ? Wait::kAdvance : Wait::kFrozen;
}

void Clock::auto_advance(nanoseconds duration) noexcept {
  const std::lock_guard lock(mutex_);
  const bool woken = woken_.exchange(false, std::memory_order_acquire);  // [CK1]
  if (woken || unfrozen_ || inhibitors_ > 0) return;
  base_ = base_ > SteadyTime::max() - duration ? SteadyTime::max() : base_ + duration;
}

}  // namespace weft::internal
