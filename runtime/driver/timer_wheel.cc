// TimerWheel. See timer_wheel.h.

#include <weft/runtime/driver/timer_wheel.h>

#include <bit>

namespace weft::internal {

namespace {

constexpr Tick slot_width(unsigned level) { return Tick{1} << (TimerWheel::kSlotBits * level); }
constexpr Tick level_range(unsigned level) { return slot_width(level) << TimerWheel::kSlotBits; }

}  // namespace

unsigned TimerWheel::level_for(Tick elapsed, Tick tick) noexcept {
  // The lowest six bits are set so that equal ticks and small differences give level 0.
  const Tick difference = (elapsed ^ tick) | (kSlots - 1);
  if (difference >= kRange) return kLevels - 1;
  return (static_cast<unsigned>(std::bit_width(difference)) - 1) / kSlotBits;
}

bool TimerWheel::insert(TimerNode& node, Tick tick) noexcept {
  WEFT_DCHECK(tick <= kMaxTick);
  if (tick <= elapsed_) return false;
  link(node, tick);
  return true;
}

void TimerWheel::link(TimerNode& node, Tick tick) noexcept {
  node.tick_ = tick;
  const unsigned number = level_for(elapsed_, tick);
  Level& level = levels_[number];
  const unsigned index = slot_for(tick, number);
  level.slots[index].push_back(node);
  level.occupied |= std::uint64_t{1} << index;
}

void TimerWheel::remove(TimerNode& node) noexcept {
  List::remove(node);
  if (node.tick_ == TimerNode::kDue) return;
  const unsigned number = level_for(elapsed_, node.tick_);
  Level& level = levels_[number];
  const unsigned index = slot_for(node.tick_, number);
  // It may have been a candidate instead; the slot is then what it was.
  if (level.slots[index].empty()) level.occupied &= ~(std::uint64_t{1} << index);
}

std::optional<Tick> TimerWheel::next_expiration() const noexcept {
  if (!due_.empty() || !candidates_.empty()) return elapsed_;
  const std::optional<Slot> slot = next_slot();
  return slot ? std::optional(slot->start) : std::nullopt;
}

TimerNode* TimerWheel::first() noexcept {
  const std::optional<Slot> slot = next_slot();
  if (!slot) return nullptr;
  TimerNode* first = nullptr;
  for (TimerNode& node : levels_[slot->level].slots[slot->index]) {
    if (first == nullptr || node.tick_ < first->tick_) first = &node;
  }
  return first;
}

std::optional<TimerWheel::Slot> TimerWheel::next_slot() const noexcept {
  // Whatever stands on a level is later than all that stands on lower ones.
  for (unsigned level = 0; level < kLevels; ++level) {
    if (levels_[level].occupied != 0) return next_slot_of(level);
  }
  return std::nullopt;
}

// Counts slots in the order in which time comes to them. The one it is in comes last: a timer in it
// would be on a lower level, unless it is one of a later rotation of the last level.
TimerWheel::Slot TimerWheel::next_slot_of(unsigned level) const noexcept {
  const unsigned first = slot_for(elapsed_, level) + 1;
  const auto in_order = std::rotr(levels_[level].occupied, static_cast<int>(first));
  const unsigned index = (static_cast<unsigned>(std::countr_zero(in_order)) + first) % kSlots;
  Tick start = (elapsed_ & ~(level_range(level) - 1)) + index * slot_width(level);
  if (start <= elapsed_) {
    WEFT_DCHECK(level == kLevels - 1, "TimerWheel: a slot was passed");
    start += level_range(level);
  }
  return Slot{level, index, start};
}

TimerWheel::List TimerWheel::take(const Slot& slot) noexcept {
  Level& level = levels_[slot.level];
  level.occupied &= ~(std::uint64_t{1} << slot.index);
  return level.slots[slot.index].take_all();
}

void TimerWheel::expire_all() noexcept {
  for (TimerNode& node : candidates_) node.tick_ = TimerNode::kDue;
  due_.splice_back(std::move(candidates_));
  while (const std::optional<Slot> slot = next_slot()) {
    List all = take(*slot);
    for (TimerNode& node : all) node.tick_ = TimerNode::kDue;
    due_.splice_back(std::move(all));
  }
}

void TimerWheel::skip_to(Tick now) noexcept {
  if (now <= elapsed_ || !due_.empty() || !candidates_.empty()) return;
  const std::optional<Slot> slot = next_slot();
  if (!slot || slot->start > now) elapsed_ = now;
}

void TimerWheel::set_elapsed(Tick now) noexcept {
  WEFT_CHECK(now >= elapsed_, "TimerWheel: time went backwards");
  elapsed_ = now;
}

void TimerWheel::restart() noexcept {
  WEFT_DCHECK(!next_expiration(), "TimerWheel::restart: it still holds timers");
  elapsed_ = 0;
}

}  // namespace weft::internal
