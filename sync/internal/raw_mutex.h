// RawMutex: the lock of a Mutex<T>, without the value.
//
// Spec: SY-27.

#ifndef WEFT_SYNC_INTERNAL_RAW_MUTEX_H_
#define WEFT_SYNC_INTERNAL_RAW_MUTEX_H_

#include <cstdint>

#include <weft/loom/atomic.h>
#include <weft/sync/internal/batch_semaphore.h>

namespace weft::sync::internal {

// A semaphore with one permit; guards of a part of the value hold on to this and not to the
// Mutex<T>.
class RawMutex {
 public:
  RawMutex() noexcept : semaphore_(1) {}

  [[nodiscard]] bool try_lock() noexcept {
    return semaphore_.try_acquire(1) == TryAcquire::kAcquired;
  }
  // Hands the lock to the task that has waited longest.
  void unlock() noexcept {
    set_owner(0);
    semaphore_.release(1);
  }
  BatchSemaphore& semaphore() noexcept { return semaphore_; }

  // Who holds it: the address of what the holder's wakers wake, a task's header as a rule; 0 while
  // it is free, or held by code that did not wait in a task.
  std::uint64_t owner() const noexcept {
    return owner_.load(std::memory_order_relaxed);  // relaxed: as declared
  }
  void set_owner(std::uint64_t owner) noexcept {
    owner_.store(owner, std::memory_order_relaxed);  // relaxed: as declared
  }

 private:
  BatchSemaphore semaphore_;
  // For dumps only. Written by the holder, read by a dump, which makes do with what it finds and
  // learns nothing else by it: relaxed everywhere.
  loom::Atomic<std::uint64_t> owner_{0};
};

// How a guard gives it back.
struct MutexAccess {
  static void unlock(RawMutex& mutex) noexcept { mutex.unlock(); }
};

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_RAW_MUTEX_H_
