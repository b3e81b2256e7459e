// Interface and design: idle_notified_set.h.

#include <weft/task/internal/idle_notified_set.h>

#include <mutex>
#include <utility>

#include <weft/base/check.h>

namespace weft::internal {

void IdleNotifiedEntry::wake_by_ref(Wakeable* target) noexcept {
  // SAFETY(cast): these functions are in the WakeOps of entries only.
  auto* const entry = static_cast<IdleNotifiedEntry*>(target);
  entry->lists_->notify(*entry);
}

void IdleNotifiedEntry::retain(Wakeable* target) noexcept {
  // SAFETY(cast): as above.
  auto* const entry = static_cast<IdleNotifiedEntry*>(target);
  // relaxed: the caller has a reference; a count alone publishes nothing.
  entry->word_.fetch_add(1, std::memory_order_relaxed);
}

void IdleNotifiedLists::insert_idle(IdleNotifiedEntry& entry) noexcept {
  const std::lock_guard lock(mu_);
  entry.state_ = IdleNotifiedEntry::State::kIdle;
  idle_.push_back(entry);
  ++idle_count_;
}

// Under mu_.
IdleNotifiedEntry* IdleNotifiedLists::pop_locked() noexcept {
  IdleNotifiedEntry* const entry = notified_.pop_front();
  if (entry == nullptr) return nullptr;
  entry->state_ = IdleNotifiedEntry::State::kIdle;
  idle_.push_back(*entry);
  ++idle_count_;
  return entry;
}

IdleNotifiedEntry* IdleNotifiedLists::pop_notified(Context& cx) noexcept {
  Waker previous;  // released after unlocking: its target may call back
  const std::lock_guard lock(mu_);
  IdleNotifiedEntry* const entry = pop_locked();
  if (entry == nullptr && !consumer_.will_wake(cx.waker())) {
    previous = std::exchange(consumer_, cx.clone_waker());
  }
  return entry;
}

IdleNotifiedEntry* IdleNotifiedLists::try_pop_notified() noexcept {
  const std::lock_guard lock(mu_);
  return pop_locked();
}

void IdleNotifiedLists::remove(IdleNotifiedEntry& entry) noexcept {
  const std::lock_guard lock(mu_);
  if (entry.state_ == IdleNotifiedEntry::State::kGone) return;
  if (entry.state_ == IdleNotifiedEntry::State::kIdle) --idle_count_;
  List::remove(entry);
  entry.state_ = IdleNotifiedEntry::State::kGone;
}

void IdleNotifiedLists::forget_consumer() noexcept {
  Waker consumer;  // released after unlocking
  const std::lock_guard lock(mu_);
  consumer = std::move(consumer_);
}

void IdleNotifiedLists::notify(IdleNotifiedEntry& entry) noexcept {
  Waker consumer;
  {
    const std::lock_guard lock(mu_);
    if (entry.state_ != IdleNotifiedEntry::State::kIdle) return;
    --idle_count_;
    List::remove(entry);
    entry.state_ = IdleNotifiedEntry::State::kNotified;
    notified_.push_back(entry);
    consumer = std::move(consumer_);
  }
  std::move(consumer).wake();
}

}  // namespace weft::internal
