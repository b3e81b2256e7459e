// Slot. See slot.h.

#include <weft/signal/internal/slot.h>

#include <mutex>
#include <utility>

#include <weft/runtime/driver/wake_batch.h>

namespace weft::signal::internal {

void Slot::add(Listener& listener) noexcept {
  const std::lock_guard lock(mutex_);
  listener.read = announced_;
}

std::uint64_t Slot::poll(Listener& listener, Context& cx) noexcept {
  Waker old;  // dropped after unlocking
  const std::lock_guard lock(mutex_);
  const std::uint64_t count = announced_ - std::exchange(listener.read, announced_);
  if (count != 0) {
    if (List::is_linked(listener)) List::remove(listener);
    old = std::move(listener.waker);
    return count;
  }
  if (!listener.waker || !listener.waker.will_wake(cx.waker())) {
    old = std::exchange(listener.waker, cx.clone_waker());
  }
  if (!List::is_linked(listener)) waiting_.push_back(listener);
  return 0;
}

void Slot::stop_waiting(Listener& listener) noexcept {
  Waker old;  // dropped after unlocking
  const std::lock_guard lock(mutex_);
  if (List::is_linked(listener)) List::remove(listener);
  old = std::move(listener.waker);
}

void Slot::announce(std::uint64_t count) noexcept {
  weft::internal::WakeBatch batch;
  std::unique_lock lock(mutex_);
  announced_ += count;
  // Those who begin to wait meanwhile wait for the next one. Who stops waiting leaves whatever list
  // it is in.
  List woken = waiting_.take_all();
  while (!woken.empty()) {
    while (!batch.is_full() && !woken.empty()) batch.push(std::move(woken.pop_front()->waker));
    lock.unlock();
    batch.wake_all();
    lock.lock();
  }
}

}  // namespace weft::signal::internal
