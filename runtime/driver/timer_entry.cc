// TimerEntry. See timer_entry.h.

#include <weft/runtime/driver/timer_entry.h>

#include <mutex>
#include <utility>

#include <weft/base/check.h>
#include <weft/runtime/driver/current.h>
#include <weft/runtime/driver/current_time.h>
#include <weft/runtime/driver/driver.h>
#include <weft/runtime/driver/time_driver.h>

namespace weft::internal {

namespace {

// The driver whose timers a timer made here and now belongs to; null without a runtime.
TimeDriver* current_timers(std::source_location made_at) noexcept {
  Driver* const driver = current_driver();
  if (driver == nullptr) return nullptr;
  WEFT_CHECK(driver->time_enabled(),
             "a timer was made, but timers are disabled: A weft runtime was found but timers are "
             "disabled. Call `enable_time()` (or enable_all()) on the runtime Builder.",
             made_at);
  return &driver->time();
}

}  // namespace

TimerEntry::TimerEntry(SteadyTime deadline, Deadline kind, std::source_location where) noexcept
    : state_(kind == Deadline::kAhead ? kIdleAhead : kIdle), deadline_(deadline) {
  if (TimeDriver* const timers = current_timers(where); timers != nullptr) {
    shard_ = &timers->current();
    origin_.driver_id = timers->id();
  } else {
    origin_.made_at = where;
  }
}

TimerEntry::TimerEntry(SteadyTime deadline, Deadline kind, TimeDriver& timers,
                       unsigned shard) noexcept
    : state_(kind == Deadline::kAhead ? kIdleAhead : kIdle),
      shard_(&timers.shard(shard)),
      deadline_(deadline) {
  origin_.driver_id = timers.id();
}

TimerEntry::TimerEntry(TimerEntry&& other) noexcept
    : state_(other.state_.load(std::memory_order_acquire)),  // [TE1]
      shard_(other.shard_),
      origin_(other.origin_),
      deadline_(other.deadline_) {
  WEFT_CHECK(!registered(state_.unsync_load()),
             "a timer was moved after it had been polled or reset; move it before, or keep it "
             "where it is");
}

TimerEntry& TimerEntry::operator=(TimerEntry&& other) noexcept {
  if (this == &other) return *this;
  cancel();
  // [TE1]; relaxed: nobody else looks at a state that says "not registered".
  const Tick state = other.state_.load(std::memory_order_acquire);
  WEFT_CHECK(!registered(state),
             "a timer was moved after it had been polled or reset; move it before, or keep it "
             "where it is");
  state_.store(state, std::memory_order_relaxed);
  shard_ = other.shard_;
  origin_ = other.origin_;
  deadline_ = other.deadline_;
  return *this;
}

SteadyTime TimerEntry::now() const noexcept {
  // Until a clock is paused all show the same.
  if (Clock::any_was_paused() && shard_ != nullptr) [[unlikely]] {
    const std::lock_guard lock(shard_->mutex);
    if (shard_->owner == origin_.driver_id) return shard_->driver->clock().now();
  }
  return current_time();
}

bool TimerEntry::poll(Context& cx) noexcept {
  const Tick state = state_.load(std::memory_order_acquire);  // [TE1]
  if (state == kFired || state == kGone) return true;
  if (!registered(state)) {
    const Deadline kind = state == kIdleAhead ? Deadline::kAhead : Deadline::kUnknown;
    return !registered(arm(kind, cx.clone_waker()));
  }
  // relaxed: if it is ours, it is there until fire() takes it: see the head of the header.
  if (waker_.load(std::memory_order_relaxed) == cx.waker().target()) return false;
  return replace_waker(cx);
}

// True: it has fired meanwhile.
bool TimerEntry::replace_waker(Context& cx) noexcept {
  Waker waker = cx.clone_waker();
  Waker old;  // destroyed after unlocking
  const std::lock_guard lock(shard_->mutex);
  // relaxed, both: only written under the lock, or, for the state, by postpone() of this thread.
  if (!registered(state_.load(std::memory_order_relaxed))) return true;
  old = take_waker();
  waker_.store(std::move(waker).release_target(), std::memory_order_relaxed);
  return false;
}

void TimerEntry::reset(SteadyTime deadline) noexcept {
  deadline_ = deadline;
  if (postpone()) return;
  static_cast<void>(arm(Deadline::kUnknown, Waker()));
}

// TM-38: if it is registered for a tick no later than the new one, that is enough: the driver finds
// out when it comes to the old one. True: done.
bool TimerEntry::postpone() noexcept {
  // relaxed: only a guess for the exchange; a state that other threads have changed makes it fail.
  Tick state = state_.load(std::memory_order_relaxed);
  if (state > kMaxTick) return false;
  // The scale may already be another runtime's, if ours has ended since: then the exchange below
  // comes after fire() and fails.
  const Tick tick = shard_->scale().ceil(deadline_);
  while (state <= tick && state <= kMaxTick) {
    // relaxed: it publishes nothing but itself, and confirm_due() is an exchange as well.
    if (state_.compare_exchange_weak(state, tick, std::memory_order_relaxed)) return true;
  }
  return false;
}

// Registers it, or registers it again, for deadline_; with `waker` if there is one, else with the
// waker it has. Returns the new state.
Tick TimerEntry::arm(Deadline kind, Waker waker) noexcept {
  if (shard_ == nullptr) [[unlikely]]
    bind();
  // One that is registered has to stay where it is: somebody may be firing it.
  if (!is_registered()) shard_ = &shard_to_arm();
  TimerShard& shard = *shard_;
  RefPtr<Unparkable> sleeper;
  Waker due;
  Tick after;
  {
    const std::lock_guard lock(shard.mutex);
    after = insert_locked(shard, kind);
    // relaxed: for the driver the lock orders it, for this thread nothing is needed.
    state_.store(after, std::memory_order_relaxed);
    if (registered(after)) {
      sleeper = shard.driver->sleeper_later_than(after);
      if (waker) waker_.store(std::move(waker).release_target(), std::memory_order_relaxed);
    } else {
      due = take_waker();
    }
  }
  if (sleeper) sleeper->unpark();
  std::move(due).wake();
  return after;
}

Tick TimerEntry::insert_locked(TimerShard& shard, Deadline kind) noexcept {
  // relaxed: under the lock, see replace_waker().
  if (registered(state_.load(std::memory_order_relaxed))) shard.wheel.remove(*this);
  if (shard.owner != origin_.driver_id) return kGone;
  const bool has_passed = kind == Deadline::kUnknown && deadline_ <= shard.driver->clock().now();
  const Tick tick = shard.scale().ceil(deadline_);
  return !has_passed && shard.driver->insert(shard, *this, tick) ? tick : kFired;
}

// Where to register it: on this worker's shard if it is a worker of its own runtime.
TimerShard& TimerEntry::shard_to_arm() const noexcept {
  Driver* const driver = current_driver();
  if (driver == nullptr || driver->time().id() != origin_.driver_id) return *shard_;
  return driver->time().current();
}

void TimerEntry::bind() noexcept {
  const std::source_location made_at = origin_.made_at;
  TimeDriver* const timers = current_timers(made_at);
  WEFT_CHECK(timers != nullptr,
             "a timer was used, but there is no reactor running, must be called from the context "
             "of a weft runtime",
             made_at);
  shard_ = &timers->current();
  origin_.driver_id = timers->id();
}

void TimerEntry::set_deadline(SteadyTime deadline) noexcept {
  WEFT_DCHECK(!is_registered(), "TimerEntry::set_deadline: it is registered");
  deadline_ = deadline;
  // relaxed: nobody else looks at it while it is not registered.
  state_.store(kIdle, std::memory_order_relaxed);
}

void TimerEntry::cancel() noexcept {
  if (!is_registered()) return;
  Waker dropped;  // destroyed after unlocking
  const std::lock_guard lock(shard_->mutex);
  // relaxed, both: under the lock, see replace_waker().
  if (!registered(state_.load(std::memory_order_relaxed))) return;
  shard_->wheel.remove(*this);
  dropped = take_waker();
  state_.store(kIdle, std::memory_order_relaxed);
}

Tick TimerEntry::confirm_due(Tick limit) noexcept {
  // relaxed, both: only the order of this exchange and that of postpone() counts.
  Tick state = state_.load(std::memory_order_relaxed);
  do {
    WEFT_DCHECK(state <= kMaxTick);
    if (state > limit) return state;
  } while (!state_.compare_exchange_weak(state, kDueNow, std::memory_order_relaxed));
  return state;
}

Waker TimerEntry::fire(Tick outcome) noexcept {
  Waker waker = take_waker();
  state_.store(outcome, std::memory_order_release);  // [TE1]
  return waker;
}

Waker TimerEntry::take_waker() noexcept {
  // relaxed: written under the lock only, which the caller holds. Load and store instead of an
  // exchange, for nobody else writes in between.
  Wakeable* const target = waker_.load(std::memory_order_relaxed);
  waker_.store(nullptr, std::memory_order_relaxed);
  return Waker::adopt(target);
}

}  // namespace weft::internal
