// Interface and protocol: waker_slot.h.

#include <weft/runtime/waker_slot.h>

#include <utility>

#include <weft/base/check.h>
#include <weft/loom/thread.h>

namespace weft::internal {

// True: waker_ is the consumer's. False: a wake-up is going on just now.
bool WakerSlot::enter_registering() noexcept {
  std::uint32_t seen = state_.load(std::memory_order_acquire);  // [WS2]
  while ((seen & kWaking) == 0) {
    WEFT_DCHECK(seen != kRegistering, "WakerSlot::register_waker: two consumers at once");
    if (state_.compare_exchange_weak(seen, kRegistering, std::memory_order_acquire,  // [WS1]
                                     std::memory_order_acquire)) {                   // [WS2]
      return true;
    }
  }
  return false;
}

// True: the waker is in place. False: a wake-up came meanwhile; waker_ is still the consumer's.
bool WakerSlot::leave_registering() noexcept {
  std::uint32_t seen = kRegistering;
  // seq_cst: before the consumer's second look at the condition; see wake_if_registered(). [WS1],
  // and [WS2] if it fails.
  return state_.compare_exchange_strong(seen, kFull, std::memory_order_seq_cst,
                                        std::memory_order_acquire);
}

void WakerSlot::register_waker(Context& cx) noexcept {
  if (!enter_registering()) {
    cx.waker().wake();
    // Until that thread is through, this is a lock that is spun on, poll by poll.
    loom::spin_hint();
    return;
  }
  Waker previous;  // released after the slot is usable again: its target may call back
  waker_.with_mut([&](Waker& waker) {
    if (waker.will_wake(cx.waker())) return;
    previous = std::move(waker);
    waker = cx.clone_waker();
  });
  if (leave_registering()) return;
  Waker taken = waker_.with_mut([](Waker& waker) { return std::move(waker); });
  state_.exchange(0, std::memory_order_acq_rel);  // [WS1] [WS2]
  std::move(taken).wake();
}

Waker WakerSlot::take() noexcept {
  const std::uint32_t before = state_.fetch_or(kWaking, std::memory_order_acq_rel);  // [WS1] [WS2]
  // Someone else is at it: the consumer, who finds kWaking, or another waking thread, who wakes.
  if ((before & (kRegistering | kWaking)) != 0) return Waker();
  Waker taken = waker_.with_mut([](Waker& waker) { return std::move(waker); });
  // An exchange, because it may overwrite the kWaking of a thread that left its wake-up to us: what
  // that one released stays visible to the next consumer. [WS1] [WS2]
  state_.exchange(0, std::memory_order_release);
  return taken;
}

}  // namespace weft::internal
