// SharedLock: many threads may hold it for reading, or one for writing; it blocks the thread.
//
// Spec: SY-101, SY-103 (what watch keeps its value under).
//
// Design. While nobody has to block, locking and unlocking are one read-modify-write each. Who has
// to block sets kParked and sleeps on a condition variable; kParked also keeps new readers out, so
// that writers get their turn. Whoever leaves the lock free and finds kParked wakes all sleepers,
// who try again.
//
//   state_     bit 0 kWriter; bit 1 kParked: threads sleep, or are about to; from bit 2 on: readers
//   writers    anyone; kParked is set and cleared under mu_
//   pairing    [SL1] release by who unlocks -> acquire by who locks: the data.
//   sleeping   kParked is set by an exchange that finds the lock held, under mu_; whoever unlocks
//              later finds it, takes mu_ and notifies: the sleeper is in wait() by then.

#ifndef WEFT_SYNC_INTERNAL_SHARED_LOCK_H_
#define WEFT_SYNC_INTERNAL_SHARED_LOCK_H_

#include <cstdint>

#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>

namespace weft::sync::internal {

// Not recursive: a thread that reads and asks again can wait for a writer that waits for it.
class SharedLock {
 public:
  SharedLock() noexcept = default;
  SharedLock(const SharedLock&) = delete;
  SharedLock& operator=(const SharedLock&) = delete;

  void lock_shared() noexcept {
    // relaxed: the exchange synchronises.
    std::uint32_t seen = state_.load(std::memory_order_relaxed);
    while ((seen & (kWriter | kParked)) == 0) {
      if (state_.compare_exchange_weak(seen, seen + kReader, std::memory_order_acquire,
                                       std::memory_order_relaxed)) {  // [SL1]
        return;
      }
    }
    park(kWriter | kParked, kReader);
  }
  void unlock_shared() noexcept {
    const std::uint32_t before = state_.fetch_sub(kReader, std::memory_order_release);  // [SL1]
    if (before == (kReader | kParked)) unpark();
  }

  void lock() noexcept {
    std::uint32_t seen = 0;
    if (state_.compare_exchange_strong(seen, kWriter, std::memory_order_acquire,
                                       std::memory_order_relaxed)) {  // [SL1]
      return;
    }
    park(~kParked, kWriter);
  }
  void unlock() noexcept {
    const std::uint32_t before = state_.fetch_and(~kWriter, std::memory_order_release);  // [SL1]
    if ((before & kParked) != 0) unpark();
  }

 private:
  static constexpr std::uint32_t kWriter = 1;
  static constexpr std::uint32_t kParked = 2;
  static constexpr std::uint32_t kReader = 4;

  void park(std::uint32_t excluded, std::uint32_t hold) noexcept;
  void unpark() noexcept;

  loom::Atomic<std::uint32_t> state_{0};
  loom::Mutex mu_;
  loom::Condvar unlocked_;
};

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_SHARED_LOCK_H_
