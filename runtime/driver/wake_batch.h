// WakeBatch: wakers taken out under a lock, to be woken after it is released.
//
// Spec: R-133, M-46.
//
// Waking may run anything but user code: it may destroy the task, with it the socket, and that
// wants the lock of the record again. So it happens outside, in batches of a fixed size, which need
// no allocation.

#ifndef WEFT_RUNTIME_DRIVER_WAKE_BATCH_H_
#define WEFT_RUNTIME_DRIVER_WAKE_BATCH_H_

#include <array>
#include <cstddef>
#include <utility>

#include <weft/base/check.h>
#include <weft/runtime/waker.h>

namespace weft::internal {

class WakeBatch {
 public:
  static constexpr std::size_t kCapacity = 32;

  WakeBatch() noexcept {}  // the room stays as it is: most batches are of one
  WakeBatch(const WakeBatch&) = delete;
  WakeBatch& operator=(const WakeBatch&) = delete;
  ~WakeBatch() { WEFT_DCHECK(size_ == 0, "WakeBatch: wakers were taken and not woken"); }

  bool is_full() const noexcept { return size_ == kCapacity; }

  // An empty waker is left out. Precondition: not full.
  void push(Waker waker) noexcept {
    WEFT_DCHECK(!is_full(), "WakeBatch::push: it is full");
    if (waker) targets_[size_++] = std::move(waker).release_target();
  }

  // Wakes them in order and empties the batch. Call it with no lock held.
  void wake_all() noexcept {
    for (std::size_t i = 0; i < size_; ++i) Waker::adopt(targets_[i]).wake();
    size_ = 0;
  }

 private:
  std::array<Wakeable*, kCapacity> targets_;  // the first size_ are wakers' references
  std::size_t size_ = 0;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DRIVER_WAKE_BATCH_H_
