// WakeList: wakers taken out of a primitive under its lock, to be woken after unlocking.
//
// Spec: SY-4, SY-5.
//
// A waker is never called under a lock: it may run anything, this primitive included. So they are
// collected here, at most 32 at a time; when it is full the collector unlocks, wakes, and locks
// again. Room is made only for what is stored, so that collecting one or none costs nothing.

#ifndef WEFT_SYNC_INTERNAL_WAKE_LIST_H_
#define WEFT_SYNC_INTERNAL_WAKE_LIST_H_

#include <array>
#include <cstddef>
#include <memory>
#include <utility>

#include <weft/base/check.h>
#include <weft/loom/model_size.h>
#include <weft/runtime/waker.h>

namespace weft::sync::internal {

// One thread's, on its stack. Must not hold wakers when destroyed.
class WakeList {
 public:
  static constexpr std::size_t kCapacity = loom::model_size<std::size_t>(32, 2);

  WakeList() noexcept {}
  WakeList(const WakeList&) = delete;
  WakeList& operator=(const WakeList&) = delete;
  ~WakeList() { WEFT_DCHECK(size_ == 0, "WakeList: destroyed with wakers in it"); }

  bool is_full() const noexcept { return size_ == kCapacity; }
  bool empty() const noexcept { return size_ == 0; }

  // Precondition: not full.
  void push(Waker&& waker) noexcept {
    WEFT_DCHECK(!is_full(), "WakeList: push to a full list");
    // SAFETY(storage): slots from size_ on hold nothing.
    std::construct_at(&slots_[size_++].waker, std::move(waker));
  }

  // Wakes all and empties the list. Call it without any lock.
  void wake_all() noexcept {
    const std::size_t count = std::exchange(size_, 0);
    for (std::size_t i = 0; i < count; ++i) {
      std::move(slots_[i].waker).wake();
      // SAFETY(lifetime): slots below the old size_ hold a waker, here one that was moved from.
      std::destroy_at(&slots_[i].waker);
    }
  }

 private:
  union Slot {
    Slot() noexcept {}
    ~Slot() {}
    Waker waker;
  };

  std::size_t size_ = 0;
  std::array<Slot, kCapacity> slots_;
};

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_WAKE_LIST_H_
