// TimerWheel: timers ordered by their due tick, with constant-time insertion and removal.
//
// Spec: TM-30..TM-36; TM-37 and TM-39 for what a node's tick means.
//
// A data structure and nothing else: it has no lock, no clock, and wakes nobody. Time is a number
// of ticks (milliseconds, for the driver) that only grows: `elapsed` is the last one processed.
//
//   level   slot is this many ticks wide     64 of them are
//     0                  1                              64
//     1                 64                           4,096     about 4 seconds
//     2              4,096                         262,144     about 4.4 minutes
//     3            262,144                      16,777,216     about 4.7 hours
//     4         16,777,216                   1,073,741,824     about 12.4 days
//     5      1,073,741,824                  68,719,476,736     about 2.2 years
//
// A timer stands in the level of the highest 6-bit digit in which its tick differs from `elapsed`,
// in the slot that this digit names. So a level holds only what is later than everything on the
// levels below, and the next thing to do is found by looking at one bit field. When time reaches a
// slot of a higher level its timers move to lower ones ("cascade"): a timer moves five times at
// most. Beyond the last level's range slots are used again and again; a timer of a later rotation
// is put back when its slot comes up.
//
// Since `elapsed` never passes the start of an occupied slot, a timer's level, computed again from
// `elapsed` and its tick, is the one it was put in. Removal needs nothing else.
//
// Due timers are collected in a list of their own, oldest tick first and within a tick in order of
// insertion, from where they are taken one by one. Until then they can still be removed.
//
//   wheel.insert(node, tick);
//   wheel.advance(now, [](TimerNode& node, Tick limit) { return node.tick(); });
//   while (TimerNode* node = wheel.pop_due()) ...

#ifndef WEFT_RUNTIME_DRIVER_TIMER_WHEEL_H_
#define WEFT_RUNTIME_DRIVER_TIMER_WHEEL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/intrusive_list.h>

namespace weft::internal {

using Tick = std::uint64_t;

// The largest tick that can be inserted; what is beyond it means something else (timer_entry.h).
inline constexpr Tick kMaxTick = UINT64_MAX - 5;

// What stands in a wheel. Immovable; not in a wheel when destroyed.
class TimerNode : public ListNode {
 public:
  // The tick under which it was inserted. Only while it is in a wheel, and not due.
  Tick tick() const noexcept { return tick_; }

 private:
  friend class TimerWheel;
  static constexpr Tick kDue = UINT64_MAX;
  Tick tick_ = 0;  // kDue: in the list of due timers
};

class TimerWheel {
 public:
  static constexpr unsigned kLevels = 6;
  static constexpr unsigned kSlotBits = 6;
  static constexpr unsigned kSlots = 1U << kSlotBits;
  static constexpr Tick kRange = Tick{1} << (kSlotBits * kLevels);  // 2^36

  TimerWheel() noexcept = default;
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  // The last tick processed.
  Tick elapsed() const noexcept { return elapsed_; }

  // Puts `node`, which is in no wheel, under `tick`. False, and nothing is done, if that tick has
  // been processed: it is due now.
  [[nodiscard]] bool insert(TimerNode& node, Tick tick) noexcept;

  // Takes `node` out, due or not.
  void remove(TimerNode& node) noexcept;

  // When advance() has to be called next: a slot's first tick, which a timer of a higher level may
  // be later than. Never later than any timer. `elapsed()` if timers are due. None: no timers.
  std::optional<Tick> next_expiration() const noexcept;

  // The timer with the first tick, of those that are not due; null if there is none. Searches the
  // timers of one slot.
  TimerNode* first() noexcept;

  // Processes all ticks up to `now`, which is at least elapsed(), and appends the timers in them to
  // the due ones. `confirm(node, limit)` is asked for each timer that may be due at `limit`: a tick
  // no greater confirms it; a greater one is when the timer is really due (it has been postponed
  // in the meantime), and it is put there.
  template <class Confirm>
  void advance(Tick now, Confirm confirm) noexcept {
    static_cast<void>(advance(now, SIZE_MAX, confirm));
  }
  // The same in pieces. False: it has stopped after `most` timers; until it has been called again
  // for the rest, all other functions may be.
  template <class Confirm>
  [[nodiscard]] bool advance(Tick now, std::size_t most, Confirm confirm) noexcept;

  // Takes out the first due timer; null if there is none.
  TimerNode* pop_due() noexcept { return due_.pop_front(); }

  // Makes every timer due, whenever it was to be: the end of time.
  void expire_all() noexcept;

  // Says that nothing is to do up to `now`, if that is so; else does nothing. Puts later insertions
  // on lower levels than they would be otherwise.
  void skip_to(Tick now) noexcept;

  // Starts again from tick 0. Only while it holds no timer.
  void restart() noexcept;

  // Where a timer under `tick` belongs when `elapsed` is the last tick processed.
  static unsigned level_for(Tick elapsed, Tick tick) noexcept;
  static unsigned slot_for(Tick tick, unsigned level) noexcept {
    return static_cast<unsigned>(tick >> (kSlotBits * level)) % kSlots;
  }

 private:
  using List = IntrusiveList<TimerNode>;

  struct Level {
    std::uint64_t occupied = 0;  // bit s: slots[s] is not empty
    std::array<List, kSlots> slots;
  };
  struct Slot {
    unsigned level;
    unsigned index;
    Tick start;  // its first tick in the current or next rotation
  };

  void link(TimerNode& node, Tick tick) noexcept;
  std::optional<Slot> next_slot() const noexcept;
  Slot next_slot_of(unsigned level) const noexcept;
  List take(const Slot& slot) noexcept;
  void set_elapsed(Tick now) noexcept;

  Tick elapsed_ = 0;
  std::array<Level, kLevels> levels_;
  List candidates_;  // of the slot that begins at elapsed_, taken out and not yet looked at
  List due_;
};

template <class Confirm>
bool TimerWheel::advance(Tick now, std::size_t most, Confirm confirm) noexcept {
  for (;;) {
    while (TimerNode* const node = candidates_.pop_front()) {
      const Tick tick = confirm(*node, elapsed_);
      if (tick > elapsed_) {
        link(*node, tick);
      } else {
        node->tick_ = TimerNode::kDue;
        due_.push_back(*node);
      }
      if (--most == 0) return false;
    }
    const std::optional<Slot> slot = next_slot();
    if (!slot || slot->start > now) break;
    // All of the slot at once: a timer of a later rotation may be put back into it.
    candidates_ = take(*slot);
    set_elapsed(slot->start);
  }
  set_elapsed(now);
  return true;
}

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DRIVER_TIMER_WHEEL_H_
