// LockWait: what Mutex::lock(), RwLock::read() and their like return.
//
// Holder points to the lock, and may share it; Node is the leaf that waits, made from a Holder.

#ifndef WEFT_SYNC_INTERNAL_LOCK_WAIT_H_
#define WEFT_SYNC_INTERNAL_LOCK_WAIT_H_

#include <utility>

#include <weft/runtime/leaf.h>

namespace weft::sync::internal {

// Movable until awaited.
template <class Node, class Holder>
class [[nodiscard]] LockWait {
 public:
  explicit LockWait(Holder holder) noexcept : holder_(std::move(holder)) {}
  LeafAwaiter<Node> operator co_await() const& noexcept { return LeafAwaiter<Node>(holder_); }
  LeafAwaiter<Node> operator co_await() && noexcept {
    return LeafAwaiter<Node>(std::move(holder_));
  }

 private:
  Holder holder_;
};

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_LOCK_WAIT_H_
