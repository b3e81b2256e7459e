// RawRwLock: the lock of a RwLock<T>, without the value; and the two ways to hold it.
//
// Spec: SY-33, SY-38.

#ifndef WEFT_SYNC_INTERNAL_RAW_RW_LOCK_H_
#define WEFT_SYNC_INTERNAL_RAW_RW_LOCK_H_

#include <cstddef>
#include <cstdint>

#include <weft/loom/atomic.h>
#include <weft/sync/internal/batch_semaphore.h>

namespace weft::sync::internal {

class RawRwLock {
 public:
  static constexpr std::uint32_t kMaxReaders = UINT32_MAX >> 3;

  explicit RawRwLock(std::uint32_t max_readers) noexcept
      : semaphore_(max_readers), max_readers_(max_readers) {}

  BatchSemaphore& semaphore() noexcept { return semaphore_; }
  std::uint32_t max_readers() const noexcept { return max_readers_; }
  // From writing to reading: no writer gets in between, waiting readers may.
  void downgrade() noexcept {
    set_writer(0);
    semaphore_.release(max_readers_ - 1);
  }

  // Who writes: as RawMutex::owner().
  std::uint64_t writer() const noexcept {
    return writer_.load(std::memory_order_relaxed);  // relaxed: as declared
  }
  void set_writer(std::uint64_t writer) noexcept {
    writer_.store(writer, std::memory_order_relaxed);  // relaxed: as declared
  }

 private:
  BatchSemaphore semaphore_;
  const std::uint32_t max_readers_;
  // As RawMutex::owner_.
  loom::Atomic<std::uint64_t> writer_{0};
};

// How a guard holds the lock, and what it makes of the value's type.
struct ReadAccess {
  static constexpr bool kIsWrite = false;
  template <class T>
  using Value = const T;
  static std::size_t permits(const RawRwLock&) noexcept { return 1; }
  static void unlock(RawRwLock& lock) noexcept { lock.semaphore().release(1); }
};
struct WriteAccess {
  static constexpr bool kIsWrite = true;
  template <class T>
  using Value = T;
  static std::size_t permits(const RawRwLock& lock) noexcept { return lock.max_readers(); }
  static void unlock(RawRwLock& lock) noexcept {
    lock.set_writer(0);
    lock.semaphore().release(lock.max_readers());
  }
};

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_RAW_RW_LOCK_H_
