// Interval. See interval.h.

#include <weft/runtime/wait_report.h>
#include <weft/time/interval.h>

#include <utility>

#include <weft/base/check.h>
#include <weft/base/runtime_gone.h>
#include <weft/time/internal/far_future.h>

namespace weft::time {

using std::chrono::nanoseconds;

namespace {

// A tick that is consumed no later than this is on time (TM-25).
constexpr nanoseconds kTolerance = std::chrono::milliseconds(5);

Sleep unregistered(Sleep& sleep, weft::internal::TimerEntry& entry) noexcept {
  entry.cancel();
  return std::move(sleep);
}

}  // namespace

Interval interval(nanoseconds period, std::source_location where) {
  WEFT_CHECK(period > nanoseconds::zero(), "time::interval: the period has to be greater than zero",
             where);
  return Interval(sleep_until(Clock::now(), where), period);
}

Interval interval_at(Instant start, nanoseconds period, std::source_location where) {
  WEFT_CHECK(period > nanoseconds::zero(),
             "time::interval_at: the period has to be greater than zero", where);
  return Interval(sleep_until(start, where), period);
}

Interval::Interval(Interval&& other) noexcept
    : next_(unregistered(other.next_, other.next_.entry_)),
      period_(other.period_),
      missed_(other.missed_) {}

Interval& Interval::operator=(Interval&& other) noexcept {
  next_ = unregistered(other.next_, other.next_.entry_);
  period_ = other.period_;
  missed_ = other.missed_;
  return *this;
}

Poll<Instant> Interval::poll_tick(Context& cx) {
  if (!next_.poll(cx)) return kPending;
  next_.take();
  return consume_tick();
}

void internal::TickNode::describe(WaitReport& report) noexcept {
  report.due(Clock::to_steady(interval_.next_.deadline()));
}

bool internal::TickNode::poll(Context& cx) noexcept {
  if (!interval_.next_.poll(cx)) return false;
  runtime_is_gone_ = interval_.runtime_is_gone();
  if (!runtime_is_gone_) scheduled_ = interval_.consume_tick();
  return true;
}

Instant internal::TickNode::take() const {
  if (runtime_is_gone_) [[unlikely]] {
    throw RuntimeGone("time::Interval::tick: its runtime has shut down");
  }
  return scheduled_;
}

Instant Interval::consume_tick() noexcept {
  const Instant scheduled = next_.deadline();
  // The timer itself is registered by the next poll (TM-26).
  next_.entry_.set_deadline(Clock::to_steady(next_after(scheduled, Clock::now())));
  return scheduled;
}

Instant Interval::next_after(Instant scheduled, Instant now) const noexcept {
  const nanoseconds late = now - scheduled;
  if (late > kTolerance) {
    if (missed_ == MissedTickBehavior::kDelay) return internal::after(now, period_);
    if (missed_ == MissedTickBehavior::kSkip) {
      return internal::after(now, period_ - late % period_);
    }
  }
  return checked_add(scheduled, period_).value_or(internal::after(now, period_));
}

void Interval::reset() noexcept { reset_after(period_); }

void Interval::reset_immediately() noexcept { reset_at(Clock::now()); }

void Interval::reset_after(nanoseconds delay) noexcept {
  reset_at(internal::after(Clock::now(), delay));
}

void Interval::reset_at(Instant instant) noexcept {
  if (next_.entry_.is_registered()) {
    // Somebody may be waiting for it.
    next_.reset(instant);
  } else {
    next_.entry_.set_deadline(Clock::to_steady(instant));
  }
}

}  // namespace weft::time
