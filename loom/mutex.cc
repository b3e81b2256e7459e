// The waiting sides that are not a single call. Interface and design: mutex.h.

#include <weft/loom/mutex.h>

#ifndef WEFT_LOOM

#include <algorithm>

#include <weft/loom/thread.h>

namespace weft::loom {

std::chrono::steady_clock::time_point Condvar::after(std::chrono::nanoseconds duration) noexcept {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point now = Clock::now();
  const auto wanted = std::max(duration, std::chrono::nanoseconds::zero());
  return wanted < Clock::time_point::max() - now ? now + wanted : Clock::time_point::max();
}

void SpinMutex::lock_slowly() noexcept {
  // 1 + 2 + ... + 64 pauses are a few microseconds at most: longer than any section it guards, so
  // whoever gets through them without the lock waits for a holder that has lost its processor.
  constexpr int kRounds = 7;
  for (int round = 0;; ++round) {
    const int pauses = 1 << std::min(round, kRounds - 1);
    for (int i = 0; i < pauses; ++i) spin_hint();
    if (round >= kRounds) yield_thread();
    // relaxed: only asks whether a try is worth taking the cache line away from the holder.
    if (!locked_.load(std::memory_order_relaxed) && try_lock()) return;
  }
}

}  // namespace weft::loom

#endif  // WEFT_LOOM
