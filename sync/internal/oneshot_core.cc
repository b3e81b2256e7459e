// Interface and protocol: oneshot_core.h.

#include <weft/sync/internal/oneshot_core.h>

#include <utility>

namespace weft::sync::internal {

// The receiver has closed, or waits.
OneshotCore::Finish OneshotCore::finish_slowly(std::uint32_t seen, bool with_value) noexcept {
  std::uint32_t next = 0;
  do {
    if ((seen & kClosed) != 0) return Finish::kClosed;
    // While its waker is to be taken the block must stay: kTxGone comes afterwards.
    next = seen | kSent | (with_value ? kValue : 0) | ((seen & kRxWaker) != 0 ? 0 : kTxGone);
  } while (!state_.compare_exchange_weak(seen, next, std::memory_order_acq_rel,  // [O1] [O2]
                                         std::memory_order_acquire));  // [O3]
  if ((next & kTxGone) != 0) return Finish::kDone;
  Waker waker = rx_waker_.with_mut([](Waker& stored) { return std::move(stored); });
  const bool is_last = leave_as_sender();
  std::move(waker).wake();
  return is_last ? Finish::kLast : Finish::kDone;
}

bool OneshotCore::register_receiver(std::uint32_t seen, Context& cx) noexcept {
  if ((seen & kRxWaker) != 0) {
    // Still registered for this one, and not taken: kSent was not set.
    if (rx_target_ == cx.waker().target()) return false;
    seen = state_.fetch_and(~kRxWaker, std::memory_order_acq_rel);  // [O1]
    if ((seen & kSent) != 0) return true;  // the sender has taken the waker, or is about to
  }
  // The previous waker is released here, where nothing is held; nobody else is at the cell.
  rx_waker_.with_mut([&](Waker& stored) { stored = cx.clone_waker(); });
  rx_target_ = cx.waker().target();
  seen = state_.fetch_or(kRxWaker, std::memory_order_acq_rel);  // [O1] [O2]
  // If it was sent meanwhile, the sender saw no waker: the bit means nothing any more.
  return (seen & kSent) != 0;
}

bool OneshotCore::poll_closed(Context& cx) noexcept {
  std::uint32_t seen = state_.load(std::memory_order_acquire);  // [O3]
  if ((seen & kClosed) != 0) return true;
  if ((seen & kTxWaker) != 0) {
    if (tx_target_ == cx.waker().target()) return false;
    seen = state_.fetch_and(~kTxWaker, std::memory_order_acq_rel);  // [O3]
    if ((seen & kClosed) != 0) return true;  // the receiver may be calling the waker just now
  }
  tx_waker_.with_mut([&](Waker& stored) { stored = cx.clone_waker(); });
  tx_target_ = cx.waker().target();
  seen = state_.fetch_or(kTxWaker, std::memory_order_acq_rel);  // [O3] [O4]
  return (seen & kClosed) != 0;
}

void OneshotCore::close() noexcept {
  const std::uint32_t before =
      state_.fetch_or(kClosed, std::memory_order_acq_rel);  // [O1] [O3] [O4]
  if ((before & (kSent | kClosed)) != 0) return;
  // Nothing will be sent: the sender has no business with our waker any more.
  Waker own = rx_waker_.with_mut([](Waker& stored) { return std::move(stored); });
  // Called by reference, and released with the block: the sender may be comparing just now.
  if ((before & kTxWaker) != 0) {
    tx_waker_.with([](const Waker& stored) { stored.wake(); });
  }
}

}  // namespace weft::sync::internal
