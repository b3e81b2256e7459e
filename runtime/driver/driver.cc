// Driver. See driver.h.

#include <weft/runtime/driver/driver.h>

#include <algorithm>

#include <weft/base/check.h>

namespace weft::internal {

using std::chrono::nanoseconds;

Result<RefPtr<Driver>> Driver::create(const DriverOptions& options) {
  Result<RefPtr<IoDriver>> io = IoDriver::create(options.io_events);
  if (!io) return Err(io.error());
  return RefPtr<Driver>::adopt(new Driver(*std::move(io), options));
}

Driver::Driver(RefPtr<IoDriver> io, const DriverOptions& options)
    : io_enabled_(options.enable_io),
      time_enabled_(options.enable_time),
      io_(std::move(io)),
      clock_(options.may_pause, options.start_paused),
      time_(*this, clock_, options.enable_time ? std::max(options.shards, 1U) : 0) {}

Driver::~Driver() = default;

void Driver::turn(std::optional<nanoseconds> limit) noexcept {
  if (limit) limit = std::max(*limit, nanoseconds::zero());
  const Tick next = time_.begin_sleep();
  const SteadyTime now = clock_.now();
  std::optional<nanoseconds> duration = limit;
  if (next != kNever) {
    const nanoseconds until = std::max(time_.scale().instant(next) - now, nanoseconds::zero());
    duration = limit ? std::min(*limit, until) : until;
  }
  wait(now, duration, limit);
  time_.end_sleep();
  process_timers();
}

// Waits for `duration`, which is no longer than `limit`, or without end.
void Driver::wait(SteadyTime now, std::optional<nanoseconds> duration,
                  std::optional<nanoseconds> limit) noexcept {
  const bool may_sleep = duration != nanoseconds::zero();
  switch (may_sleep ? clock_.how_to_wait() : Clock::Wait::kSleep) {
    case Clock::Wait::kSleep:
      if (duration) time_.promise_wake(time_.scale().ceil(saturating_after(now, *duration)));
      io_->turn(duration);
      break;
    case Clock::Wait::kFrozen:
      io_->turn(limit);
      break;
    case Clock::Wait::kAdvance:
      if (!duration) {
        io_->turn(std::nullopt);
      } else if (!io_->turn(nanoseconds::zero())) {
        // Events made tasks ready, and while tasks are ready nothing advances (TM-10).
        clock_.auto_advance(*duration);
      }
      break;
  }
}

void Driver::process_timers() noexcept {
  last_turn_ = clock_.now();
  time_.process(last_turn_);
}

void Driver::poll_now() noexcept {
  io_->turn(nanoseconds::zero());
  process_timers();
}

void Driver::shutdown() noexcept {
  time_.shutdown();
  io_->shutdown();
}

// The holder announces its sleep and then locks the clock, to ask how to wait; the caller has
// locked the clock, to change it, and now looks for the announcement. Whichever had the lock first,
// either the holder has seen the change or the caller sees the announcement.
void Driver::clock_was_set() noexcept {
  if (time_.is_sleeping()) unpark();
}

void Driver::unpark() noexcept {
  clock_.note_unpark();
  io_->unpark();
}

}  // namespace weft::internal
