// TimerShard: one wheel of a runtime's timers, and the lock that guards it.
//
// Spec: TM-18, TM-29, TM-35, TM-42, TM-43.
//
// A runtime has a shard for each of its workers, so that workers that make and cancel timers do not
// meet. A timer stays in the shard in which it was registered; any thread may come to cancel it.
//
// Shards are immortal: they come from a process-wide pool, go back to it when their runtime ends,
// and are never freed. A timer may outlive its runtime, in a task of another one or in a plain
// variable; it still holds the address of its shard, may lock it and look. What it finds may serve
// another runtime by then, which it sees by the owner's id: ids are never used twice. Timers that
// were registered have been ended by then, for a runtime ends its timers before it gives shards
// back.

#ifndef WEFT_RUNTIME_DRIVER_TIMER_SHARD_H_
#define WEFT_RUNTIME_DRIVER_TIMER_SHARD_H_

#include <chrono>
#include <cstdint>

#include <weft/base/cache_line.h>
#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/driver/clock.h>
#include <weft/runtime/driver/timer_wheel.h>

namespace weft::internal {

class TimeDriver;

// Instants as ticks: whole milliseconds since a driver's start (TM-29).
class TickScale {
 public:
  static constexpr std::chrono::nanoseconds kTick = std::chrono::milliseconds(1);

  explicit constexpr TickScale(SteadyTime start) noexcept : start_(start) {}

  // The last tick that has begun at `time`; 0 before the start.
  constexpr Tick floor(SteadyTime time) const noexcept {
    return time <= start_ ? 0 : static_cast<Tick>(since_start(time) / kTick);
  }
  // The first tick that does not begin before `time`: a deadline is never early. The last instant
  // that the clock can show is in the last tick.
  constexpr Tick ceil(SteadyTime time) const noexcept {
    if (time <= start_) return 0;
    const std::chrono::nanoseconds since = since_start(time);
    const std::chrono::nanoseconds to_next = (kTick - since % kTick) % kTick;
    return static_cast<Tick>(since / kTick) +
           (to_next > std::chrono::nanoseconds::zero() && to_next <= SteadyTime::max() - time);
  }
  // When `tick` begins.
  constexpr SteadyTime instant(Tick tick) const noexcept {
    return tick > floor(SteadyTime::max()) ? SteadyTime::max()
                                           : start_ + static_cast<std::int64_t>(tick) * kTick;
  }
  constexpr SteadyTime start() const noexcept { return start_; }

 private:
  // Cannot overflow: the steady clock starts at zero or later.
  constexpr std::chrono::nanoseconds since_start(SteadyTime time) const noexcept {
    return time - start_;
  }

  SteadyTime start_;
};

// What next_expiration says when there is none.
inline constexpr Tick kNever = UINT64_MAX;

struct alignas(kFalseSharingRange) TimerShard {
  TimerShard() noexcept = default;

  // From the pool, for a driver that then sets owner, driver and start. Throws std::bad_alloc.
  static TimerShard* take_from_pool();
  // Ends the driver's use. Precondition: `shard` has no owner and no timers.
  static void return_to_pool(TimerShard& shard) noexcept;

  // The first tick that needs the driver (a timer is due, or has to cascade), kNever if none does.
  Tick next_tick() const noexcept { return wheel.next_expiration().value_or(kNever); }
  TickScale scale() const noexcept {
    return TickScale(start.load(std::memory_order_acquire));  // [SH1]
  }

  // Held for a few timers at a time, by whoever makes, cancels or fires them.
  loom::SpinMutex mutex;

  // The id of the driver that it belongs to, 0 for none; that driver, which may be used under the
  // lock as long as the id is there. Guarded by mutex.
  std::uint64_t owner = 0;
  TimeDriver* driver = nullptr;
  // Guarded by mutex.
  TimerWheel wheel;

  // No later than any timer: when to lock the shard at all. Written under mutex, read without by
  // the driver's holder. relaxed throughout: it decides only whether to lock; a timer that is
  // overlooked because of an old value was inserted just now and is found by the next turn, or by
  // the protocol that keeps the driver from sleeping past it (time_driver.h).
  loom::Atomic<Tick> next_hint{kNever};

  // The owner's start. Written by a new owner's constructor, before any timer of it exists.
  // [SH1] release by a new owner -> acquire in scale(): a timer of an earlier owner that reads the
  // new start here also sees that it has been ended, and throws away what it computed.
  loom::Atomic<SteadyTime> start{SteadyTime()};

  TimerShard* next_in_pool = nullptr;  // guarded by the pool's mutex
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DRIVER_TIMER_SHARD_H_
