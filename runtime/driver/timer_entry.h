// TimerEntry: one timer, from its first registration until it fires or is cancelled.
//
// Spec: TM-11, TM-13, TM-15, TM-16, TM-18..TM-20, TM-37..TM-43, TM-47.
//
// It lives where its user put it (in a Sleep, in a coroutine frame) and stands in the wheel of a
// shard while it is registered. Two parties touch it: its *owner*, the one task that polls, resets
// and destroys it, and the *driver*, which fires it. Both hold the shard's lock when they link or
// unlink it. Everything frequent that needs no link is done without: asking again whether it has
// fired, postponing it, destroying it after it fired or before it was ever polled.
//
//   state_     a tick        registered, due at that tick; linked in the wheel
//              kDueNow       the driver has decided to fire it; linked in the wheel's due list
//              kFired, kGone not linked; the driver is done with it: time is up / the runtime ended
//              kIdle...      not linked; never registered, or cancelled
//
//              kIdle, kFired --arm--> tick --confirm_due--> kDueNow --fire--> kFired | kGone
//                                     | ^                       |
//                               postpone '--- rearm ------------'---cancel--> kIdle
//
//   writers    postpone (owner, without the lock): CAS from a tick to a later one. The wheel still
//              has it under the old tick; the driver moves it when it comes there (TM-38).
//              confirm_due (driver, locked): CAS from a tick to kDueNow. Of the two CAS one comes
//              first, which decides between reset and expiry (TM-39).
//              arm, cancel (owner) and fire (driver): locked.
//   pairing    [TE1] release in fire() -> acquire in poll(), is_elapsed(), cancel(): it is the
//              driver's last touch of the entry, so an owner that has seen it may destroy the entry
//              without a lock, and what came before the driver's turn is visible to it.
//
//   waker_     the owner's waker, a counted reference or null. Written under the lock; taken by
//              fire() before [TE1]. The owner also reads it without the lock, to compare: if it
//              finds its own waker there it will be woken, since only fire() takes it away.
//
// A timer belongs to the runtime in whose context it was made, for ever (TM-20). If there was none,
// to that of the first poll or reset.

#ifndef WEFT_RUNTIME_DRIVER_TIMER_ENTRY_H_
#define WEFT_RUNTIME_DRIVER_TIMER_ENTRY_H_

#include <cstdint>
#include <source_location>

#include <weft/loom/atomic.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/clock.h>
#include <weft/runtime/driver/timer_shard.h>
#include <weft/runtime/driver/timer_wheel.h>
#include <weft/runtime/waker.h>

namespace weft::internal {

class TimerEntry : public TimerNode {
 public:
  // What the owner knows of the deadline when it makes the entry.
  enum class Deadline : std::uint8_t {
    kAhead,    // it lies in the future, if not by much: registering need not read the clock
    kUnknown,  // it may have passed: then the timer fires when it is registered (TM-13)
  };

  // Not registered. Binds to the current runtime, if any; a check failure at `where` if that has
  // timers disabled. `where` is also what poll() names if there is no runtime then either.
  TimerEntry(SteadyTime deadline, Deadline kind, std::source_location where) noexcept;

  // Not registered, and bound to `timers`, by threads that are none of its workers in that shard.
  TimerEntry(SteadyTime deadline, Deadline kind, TimeDriver& timers, unsigned shard) noexcept;

  // Only while `other` is not registered.
  TimerEntry(TimerEntry&& other) noexcept;
  TimerEntry& operator=(TimerEntry&& other) noexcept;
  ~TimerEntry() { cancel(); }

  // The following are for the owner.

  SteadyTime deadline() const noexcept { return deadline_; }
  // The time of the runtime that it is bound to; if there is none, or it has ended, of the current
  // one.
  SteadyTime now() const noexcept;
  // The driver has fired it.
  bool is_elapsed() const noexcept {
    return state_.load(std::memory_order_acquire) == kFired;  // [TE1]
  }
  // The runtime had ended when it was fired or registered.
  bool is_gone() const noexcept {
    return state_.load(std::memory_order_acquire) == kGone;  // [TE1]
  }
  // The wheel may refer to it.
  bool is_registered() const noexcept {
    return registered(state_.load(std::memory_order_acquire));  // [TE1]
  }

  // True: fired, or gone. False: registered, and cx's computation will be woken.
  [[nodiscard]] bool poll(Context& cx) noexcept;

  // Registers it for another deadline, whatever its state. Wakes the stored waker if that deadline
  // has passed, else leaves it alone.
  void reset(SteadyTime deadline) noexcept;

  // Sets another deadline and registers it at the next poll() only. Not while it is registered.
  void set_deadline(SteadyTime deadline) noexcept;

  // Takes it out of the wheel, without waking. It may be polled again.
  void cancel() noexcept;

  // For the driver, under the shard's lock.

  // Decides to fire it if it is due at `limit`, and answers with a tick no later; else with the
  // tick for which it has been postponed.
  Tick confirm_due(Tick limit) noexcept;
  // Ends it, and returns whom to wake after unlocking. The entry may be gone by then.
  [[nodiscard]] Waker fire_elapsed() noexcept { return fire(kFired); }
  [[nodiscard]] Waker fire_gone() noexcept { return fire(kGone); }

 private:
  static constexpr Tick kFired = UINT64_MAX;
  static constexpr Tick kDueNow = UINT64_MAX - 1;
  static constexpr Tick kIdle = UINT64_MAX - 2;
  static constexpr Tick kGone = UINT64_MAX - 3;
  // As kIdle, for Deadline::kAhead.
  static constexpr Tick kIdleAhead = UINT64_MAX - 4;
  static_assert(kMaxTick < kIdleAhead);

  static constexpr bool registered(Tick state) noexcept {
    return state <= kMaxTick || state == kDueNow;
  }

  void bind() noexcept;
  TimerShard& shard_to_arm() const noexcept;
  [[nodiscard]] bool postpone() noexcept;
  [[nodiscard]] Tick arm(Deadline kind, Waker waker) noexcept;
  [[nodiscard]] Tick insert_locked(TimerShard& shard, Deadline kind) noexcept;
  [[nodiscard]] bool replace_waker(Context& cx) noexcept;
  [[nodiscard]] Waker fire(Tick outcome) noexcept;
  [[nodiscard]] Waker take_waker() noexcept;

  // See the head of this file for both.
  loom::Atomic<Tick> state_;
  loom::Atomic<Wakeable*> waker_{nullptr};

  // The rest is the owner's; the driver does not look at it.
  TimerShard* shard_ = nullptr;  // while registered, where; else a shard of its runtime; null: none
  union Origin {
    constexpr Origin() noexcept : driver_id(0) {}
    std::uint64_t driver_id;       // with a shard: the driver it belongs to
    std::source_location made_at;  // without: where to complain
  } origin_;
  SteadyTime deadline_;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DRIVER_TIMER_ENTRY_H_
