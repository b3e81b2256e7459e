// Clock: the time as one runtime sees it, which a test may stop and set.
//
// Spec: TM-2, TM-4..TM-10; R-127; TE-8..TE-10.
//
// Unless a clock has been paused, it is the steady clock, read without a lock. A process-wide flag
// says whether any clock ever was, so that programs that do not use this pay one load.
//
// A pausable clock is {base, unfrozen instant or none, inhibit count} under a mutex:
//
//     running    now = base + (steady now - unfrozen)       pause():  base = now, unfrozen = none
//     paused     now = base                                 resume(): unfrozen = steady now
//
// While it is paused the driver does not sleep until the next timer: it moves the clock there and
// goes on (auto_advance). It must not if something outside the runtime's thread is about to make
// work for it, which two things tell:
//   - the inhibit count: jobs on blocking threads that have not ended;
//   - woken: an unpark() of the driver that it has not answered. A job wakes whom it has work for
//     before it lowers the count, so a driver that sees the job gone also sees that it has to look
//     at its queues first.

#ifndef WEFT_RUNTIME_DRIVER_CLOCK_H_
#define WEFT_RUNTIME_DRIVER_CLOCK_H_

#include <chrono>
#include <concepts>
#include <optional>
#include <source_location>

#include <weft/loom/atomic.h>
#include <weft/loom/global.h>
#include <weft/loom/mutex.h>

namespace weft::internal {

// An instant of any runtime's clock, on the scale of the steady clock, in nanoseconds.
using SteadyTime = std::chrono::steady_clock::time_point;
static_assert(std::same_as<SteadyTime::duration, std::chrono::nanoseconds>);

// TM-3: 30 years of 365 days. What "now + duration" becomes where it overflows is now + this.
inline constexpr std::chrono::nanoseconds kFarFuture = std::chrono::hours(24 * 365 * 30);

// `duration` after `from`; negative is zero, overflow is kFarFuture after `from`.
constexpr SteadyTime saturating_after(SteadyTime from, std::chrono::nanoseconds duration) noexcept {
  if (duration <= std::chrono::nanoseconds::zero()) return from;
  if (from.time_since_epoch() > std::chrono::nanoseconds::max() - duration) {
    duration = kFarFuture;
    if (from.time_since_epoch() > std::chrono::nanoseconds::max() - duration) {
      return SteadyTime::max();
    }
  }
  return from + duration;
}

// Thread-safe.
class Clock {
 public:
  // `may_pause` is false for runtimes with several threads; `start_paused` implies it.
  Clock(bool may_pause, bool start_paused) noexcept;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

  SteadyTime now() const noexcept;

  // True if a clock of this process was ever paused: only then can a clock and the steady clock
  // differ.
  static bool any_was_paused() noexcept {
    // relaxed: a thread on which a paused clock matters has been handed its runtime after the flag
    // was set; others may go on reading the steady clock.
    return PausedOnce::get().flag.load(std::memory_order_relaxed);
  }

  // Check failures, each at `where`: a clock that may not be paused, is paused already, is not
  // paused; for advance(), a sum that overflows.
  void pause(std::source_location where) noexcept;
  void resume(std::source_location where) noexcept;
  void advance(std::chrono::nanoseconds duration, std::source_location where) noexcept;

  bool is_paused() const noexcept;

  // One blocking job of a runtime whose clock may be paused, from its submission to its end
  // . The caller of allow_auto_advance() has woken whoever waits for the job before, and
  // unparks the driver after it. No-ops for other clocks.
  void inhibit_auto_advance() noexcept;
  void allow_auto_advance() noexcept;

  // For the driver: somebody has unparked it.
  void note_unpark() noexcept {
    if (may_pause_) woken_.store(true, std::memory_order_release);  // [CK1]
  }

  // For the driver, before it sleeps for `duration`. What to do instead:
  enum class Wait {
    kSleep,    // sleep: the clock runs
    kFrozen,   // the clock stands still and may not be moved: sleep, but no timer will be due
    kAdvance,  // poll once without sleeping, then call auto_advance()
  };
  Wait how_to_wait() const noexcept;
  // Moves a paused clock by exactly `duration`, unless the driver was unparked, the clock resumed
  // or inhibited meanwhile. Forgets the unpark.
  void auto_advance(std::chrono::nanoseconds duration) noexcept;

 private:
  SteadyTime now_locked() const noexcept;

  // Of the process. Set by whoever makes or pauses a paused clock, never cleared; read by every
  // now().
  struct PausedFlag {
    loom::Atomic<bool> flag{false};
  };
  using PausedOnce = loom::Global<PausedFlag, Clock>;

  const bool may_pause_;
  // Set by note_unpark(), taken by auto_advance().
  // [CK1] release in the former -> acquire in auto_advance(): a driver that leaves the clock
  // alone because of an unpark() finds, when it looks next, what it was unparked for.
  loom::Atomic<bool> woken_{false};

  mutable loom::Mutex mutex_;
  // The rest is guarded by mutex_.
  SteadyTime base_;
  std::optional<SteadyTime> unfrozen_;  // none: paused
  unsigned inhibitors_ = 0;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DRIVER_CLOCK_H_
