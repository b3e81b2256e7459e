// Interface and protocol: shared_lock.h.

#include <weft/sync/internal/shared_lock.h>

#include <mutex>

namespace weft::sync::internal {

// Adds `hold` once none of the bits in `excluded` is set.
void SharedLock::park(std::uint32_t excluded, std::uint32_t hold) noexcept {
  std::unique_lock lock(mu_);
  // relaxed: the exchanges synchronise.
  std::uint32_t seen = state_.load(std::memory_order_relaxed);
  for (;;) {
    if ((seen & excluded) == 0) {
      if (state_.compare_exchange_weak(seen, seen + hold, std::memory_order_acquire,
                                       std::memory_order_relaxed)) {  // [SL1]
        return;
      }
      continue;
    }
    // relaxed: announces a sleeper and publishes nothing; who finds it takes mu_.
    if (!state_.compare_exchange_weak(seen, seen | kParked, std::memory_order_relaxed)) continue;
    unlocked_.wait(lock);
    seen = state_.load(std::memory_order_relaxed);  // relaxed: as above
  }
}

void SharedLock::unpark() noexcept {
  std::lock_guard lock(mu_);
  // relaxed: sleepers that must go on sleeping set it again, under mu_.
  state_.fetch_and(~kParked, std::memory_order_relaxed);
  unlocked_.notify_all();
}

}  // namespace weft::sync::internal
