// Every slab that frames lie in, so that a runtime can find its tasks without a list of them.
//
// Spec: R-38..R-40, R-119 (the guarantee: shutdown finds every task).
//
// A list of owned tasks costs about 40 ns per task, because spawning and ending write to
// neighbours. Instead the first word of every block says what it is (coroutine/frame.h), and
// shutdown walks the slabs. Slabs are never unmapped, their block size never changes, and the first
// word is only ever accessed atomically, so the walk may run beside any allocation, release or
// other runtime. What makes it *right* is who may act on what it finds: see
// TaskState::claim_for_shutdown in task/task_state.h.
//
// Blocks that are too large for a slab are linked into a locked list of their own.

#ifndef WEFT_RUNTIME_COROUTINE_FRAME_REGISTRY_H_
#define WEFT_RUNTIME_COROUTINE_FRAME_REGISTRY_H_

#include <cstddef>

#include <weft/base/intrusive_list.h>
#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/coroutine/frame_allocator.h>

namespace weft::internal {

// The start of a slab; blocks follow. Immutable once published.
struct Slab {
  Slab* next;
  std::size_t block_size;
  std::size_t block_count;

  FreeBlock* block(std::size_t index) noexcept;
};

// In front of each large block.
struct alignas(16) LargeBlock : ListNode {};

class FrameRegistry {
 public:
  // Never destroyed, so that frames may be freed by destructors of static objects; except at the
  // end of an execution under the model checker.
  static FrameRegistry& instance() noexcept;

  FrameRegistry();
  FrameRegistry(const FrameRegistry&) = delete;
  FrameRegistry& operator=(const FrameRegistry&) = delete;
  ~FrameRegistry();

  // Adds a slab. Any thread.
  void publish(Slab* slab) noexcept;

  // Calls `visit(FreeBlock*)` for the start of every block in every slab, free ones included, that
  // was published before the call. `visit` looks at the first word and nothing else until it has
  // claimed the block.
  template <class Visit>
  void for_each_slab_block(Visit&& visit) {
    for (Slab* slab = slabs_.load(std::memory_order_acquire); slab != nullptr;  // [F1]
         slab = slab->next) {
      for (std::size_t i = 0; i < slab->block_count; ++i) visit(slab->block(i));
    }
  }

  // A place in such a walk that is made in steps; from first() on, over the same blocks.
  class Place {
   public:
    // The block here, and one step further; null at the end.
    FreeBlock* next() noexcept {
      while (slab_ != nullptr && index_ == slab_->block_count) {
        slab_ = slab_->next;
        index_ = 0;
      }
      return slab_ != nullptr ? slab_->block(index_++) : nullptr;
    }

   private:
    friend class FrameRegistry;
    explicit Place(Slab* slab) noexcept : slab_(slab) {}

    Slab* slab_;
    std::size_t index_ = 0;
  };
  Place first() const noexcept { return Place(slabs_.load(std::memory_order_acquire)); }  // [F1]

  void* allocate_large(std::size_t size);
  void free_large(void* block) noexcept;
  // The same for large blocks; `visit` runs under the lock and must not free.
  template <class Visit>
  void for_each_large_block(Visit&& visit) {
    const std::lock_guard lock(large_mutex_);
    for (LargeBlock& block : large_) visit(&block + 1);
  }

 private:
  friend struct DebuggerTable;

  // Written by publish(), read by walks.
  // [F1] release in publish() -> acquire in for_each_slab_block() and first(): the slab's header.
  loom::Atomic<Slab*> slabs_{nullptr};
  loom::Mutex large_mutex_;
  IntrusiveList<LargeBlock> large_;  // guarded by large_mutex_
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_COROUTINE_FRAME_REGISTRY_H_
