// TimeDriver: all timers of one runtime, and when the runtime has to wake up for them.
//
// Spec: TM-12, TM-29, TM-34, TM-35, TM-40, TM-43, TM-44, TM-47; R-46.
//
// Timers stand in shards, one for each worker (timer_shard.h), so that registering and cancelling
// on one worker does not disturb the others. Whoever holds the driver processes *all* shards and
// sleeps no longer than until the first deadline of any: a busy worker does not delay its timers.
//
// No timer may be overlooked by a driver that goes to sleep. Going to sleep is
//     D1  promised_wake_ = kNever                ("computing": unpark me for whatever you insert)
//     D2  lock each shard, read its first tick, unlock
//     D3  promised_wake_ = the minimum           (unpark me for what is earlier than that)
//     D4  sleep until then                       (returns at once if unparked since D1)
// and registering a timer is, under the lock of its shard,
//     I1  insert
//     I2  read promised_wake_; if it is later than the timer, unpark the driver (after unlocking).
// Take one insertion into one shard, and the driver's D2 at that shard. The lock puts one before
// the other. If the insertion comes first, D2 sees the timer, and the sleep is not longer. If D2
// comes first, D1 happens before I2, which therefore reads the value of D1 or a later one: kNever,
// which is later than any timer; the minimum of D3, against which the timer is compared; or 0,
// written when the driver has woken up, and then it is awake and its next D2 comes after the
// insertion, or a value of a later round, for which the same is true. So plain relaxed accesses to
// promised_wake_ are enough: what orders them is the shards' locks. An unpark() that comes before
// D4 is not lost, because the reactor remembers it.

#ifndef WEFT_RUNTIME_DRIVER_TIME_DRIVER_H_
#define WEFT_RUNTIME_DRIVER_TIME_DRIVER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include <weft/loom/atomic.h>
#include <weft/runtime/driver/clock.h>
#include <weft/runtime/driver/timer_entry.h>
#include <weft/runtime/driver/timer_shard.h>
#include <weft/runtime/driver/unparkable.h>
#include <weft/runtime/ref_counted.h>

namespace weft::internal {

// "Held" means: by one thread at a time, each having seen what the one before it did.
class TimeDriver {
 public:
  // `sleeper` is who sleeps for these timers, `clock` its time; both outlive the TimeDriver. With
  // no shards it is empty and can only be asked and turned. Throws std::bad_alloc.
  TimeDriver(Unparkable& sleeper, Clock& clock, unsigned shards);
  TimeDriver(const TimeDriver&) = delete;
  TimeDriver& operator=(const TimeDriver&) = delete;
  // Ends all timers, if shutdown() has not.
  ~TimeDriver();

  // Never used by another TimeDriver of this process, and not 0.
  std::uint64_t id() const noexcept { return id_; }
  TickScale scale() const noexcept { return scale_; }
  Clock& clock() noexcept { return clock_; }
  // Where the thread with this index registers its timers. Only with at least one shard.
  TimerShard& shard(unsigned index) noexcept {
    return *shards_[index < shards_.size() ? index : index % shards_.size()];
  }
  // The one of the calling thread.
  TimerShard& current() noexcept;

  // Held. Announces a sleep and returns when it has to end, kNever if no timer asks for that. From
  // now on timers that are inserted unpark the sleeper, until end_sleep().
  [[nodiscard]] Tick begin_sleep() noexcept;
  // Held, between the two: the sleep will end at `tick`; only earlier timers need unpark.
  void promise_wake(Tick tick) noexcept;
  // Held.
  void end_sleep() noexcept;

  // Any thread: between begin_sleep() and end_sleep(), or just outside.
  bool is_sleeping() const noexcept {
    // relaxed: as in sleeper_later_than().
    return promised_wake_.load(std::memory_order_relaxed) != 0;
  }

  // Held. Fires what is due at `now` and wakes it. A `now` before the last one counts as that.
  void process(SteadyTime now) noexcept;

  // Held. Ends every timer (it is woken, and told that the runtime is gone) and refuses new ones.
  // Repeating it does nothing.
  void shutdown() noexcept;

  // Under the lock of `shard`, which is one of ours: puts `node` in. False: `tick` has passed.
  [[nodiscard]] bool insert(TimerShard& shard, TimerNode& node, Tick tick) noexcept;
  // Under the same lock, after that: the sleeper if it has to be unparked for `tick`, else none.
  // Call it after unlocking.
  [[nodiscard]] RefPtr<Unparkable> sleeper_later_than(Tick tick) noexcept;

 private:
  // How many that were.
  std::size_t fire_due(TimerShard& shard, Tick now) noexcept;
  void end_all(TimerShard& shard) noexcept;

  Unparkable& sleeper_;
  Clock& clock_;
  const std::uint64_t id_;
  const TickScale scale_;
  std::vector<TimerShard*> shards_;  // never changes
  bool is_shut_down_ = false;        // held

  // Until when the sleeper sleeps: 0 while it is awake. Written by the holder, read by whoever
  // inserts. relaxed throughout: see the head of this file.
  loom::Atomic<Tick> promised_wake_{0};
  // The tick of the last process(). Written by the holder, read by whoever inserts, to spare a
  // cascade. relaxed throughout: an old value costs only that.
  loom::Atomic<Tick> processed_{0};
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DRIVER_TIME_DRIVER_H_
