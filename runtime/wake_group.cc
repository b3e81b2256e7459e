#include <weft/runtime/wake_group.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

#include <weft/base/check.h>

namespace weft::internal {

const WakeOps WakeGroup::Slot::kOps = {&wake, &wake_by_ref, &retain, &release};

void WakeGroup::Slot::wake(Wakeable* target) noexcept {
  wake_by_ref(target);
  release(target);
}

void WakeGroup::Slot::wake_by_ref(Wakeable* target) noexcept {
  // SAFETY(cast): kOps is the table of Slots alone, here and below.
  auto* const slot = static_cast<Slot*>(target);
  slot->group_.notify(*slot);
}

void WakeGroup::Slot::retain(Wakeable* target) noexcept {
  // SAFETY(cast): as above.
  static_cast<Slot*>(target)->group_.retain();
}

void WakeGroup::Slot::release(Wakeable* target) noexcept {
  // SAFETY(cast): as above.
  static_cast<Slot*>(target)->group_.release();
}

WakeGroup::WakeGroup(std::uint32_t parts)
    : parts_(parts), slots_(std::allocator<Slot>().allocate(parts)) {
  try {
    woken_.reserve(parts);
    round_.reserve(2 * std::size_t{parts});  // see drop_taken()
  } catch (...) {
    std::allocator<Slot>().deallocate(slots_, parts_);
    throw;
  }
  for (std::uint32_t part = 0; part < parts; ++part) {
    // SAFETY(storage): the block has room for `parts` slots, each made once; that does not throw.
    Slot* const slot = std::construct_at(slots_ + part, *this);
    slot->is_in_round_ = true;
    round_.push_back(part);
  }
}

WakeGroup::~WakeGroup() {
  // SAFETY(lifetime): made in the constructor; no waker refers to one, or we would be counted.
  std::destroy_n(slots_, parts_);
  std::allocator<Slot>().deallocate(slots_, parts_);
}

void WakeGroup::begin_round(Context& cx) noexcept {
  drop_taken();
  Waker old;  // goes after the lock
  const std::lock_guard lock(mu_);
  if (!parent_.will_wake(cx.waker())) old = std::exchange(parent_, cx.clone_waker());
  for (const std::uint32_t part : woken_) {
    slots_[part].is_woken_ = false;
    if (std::exchange(slots_[part].is_in_round_, true)) continue;
    round_.push_back(part);
  }
  woken_.clear();
}

// Drops what has been taken of round_ once that is half of it: moving the rest costs less than
// taking those did. So round_ never holds more than twice the number of parts.
void WakeGroup::drop_taken() noexcept {
  if (next_ * 2 < round_.size()) return;
  round_.erase(round_.begin(), round_.begin() + static_cast<std::ptrdiff_t>(next_));
  next_ = 0;
}

std::uint32_t WakeGroup::take_woken() noexcept {
  WEFT_DCHECK(has_woken());
  const std::uint32_t part = round_[next_++];
  slots_[part].is_in_round_ = false;
  return part;
}

void WakeGroup::close() noexcept {
  Waker old;  // goes after the lock
  const std::lock_guard lock(mu_);
  old = std::move(parent_);
}

void WakeGroup::notify(Slot& slot) noexcept {
  Waker parent;
  {
    const std::lock_guard lock(mu_);
    if (slot.is_woken_) return;
    slot.is_woken_ = true;
    woken_.push_back(static_cast<std::uint32_t>(&slot - slots_));
    parent = std::move(parent_);
  }
  std::move(parent).wake();
}

}  // namespace weft::internal
