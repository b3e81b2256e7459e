// ForkDeque: the tasks that were spawned on a worker, children of scopes among them, and have not
// begun.
//
// Spec.
//
// The owner, the holder of the worker's core, puts them in and takes the newest out; other workers
// steal the oldest. So where tasks spawn tasks the owner works depth first, with few of them alive,
// and a thief gets the biggest piece of work. (The run queue is first in, first out: a tree would
// be worked off breadth first through it.) This is the deque of Chase and Lev, "Dynamic
// Circular Work-Stealing Deque" (SPAA 2005), of fixed size, in the form of Le, Pop, Cohen and Zappa
// Nardelli, "Correct and Efficient Work-Stealing for Weak Memory Models" (PPoPP 2013), with
// read-modify-writes in the place of fences.
//
//   slots_   the tasks from top_ on, up to bottom_; both only count up, but for the moment in
//            which pop() announces that it wants the last one
//   top_     advanced by whoever takes the oldest, with a compare-and-swap
//   bottom_  written by the owner
//
//   pairing  [FD1] release in push() -> acquire in steal(): the task behind the slot.
//            [FD2] seq_cst: pop() lowers bottom_ and then reads top_; steal() reads top_ and then
//                  bottom_. One of the two sees the other, so that both can only want the same
//                  child if it is the last one; then top_'s compare-and-swap decides.
//            [FD3] seq_cst exchange in push(), then a seq_cst load of the idle word by its caller;
//                  a seq_cst read-modify-write of the idle word by a worker about to sleep, then
//                  the seq_cst load of bottom_ in empty(). As [Q1] of local_queue.h.

#ifndef WEFT_RUNTIME_SCHEDULER_FORK_DEQUE_H_
#define WEFT_RUNTIME_SCHEDULER_FORK_DEQUE_H_

#include <algorithm>
#include <array>
#include <cstdint>

#include <weft/base/cache_line.h>
#include <weft/loom/atomic.h>
#include <weft/loom/model_size.h>
#include <weft/runtime/coroutine/frame.h>

namespace weft::internal {

// push() and pop() are the owner's, the rest anybody's.
class ForkDeque {
 public:
  static constexpr std::int64_t kCapacity = loom::model_size(256, 4);

  ForkDeque() noexcept = default;
  ForkDeque(const ForkDeque&) = delete;
  ForkDeque& operator=(const ForkDeque&) = delete;

  // False if it is full.
  [[nodiscard]] bool push(FrameHeader* task) noexcept {
    const std::int64_t bottom = bottom_.load(std::memory_order_relaxed);  // relaxed: only we write
    // acquire: whoever advanced top_ has read the slot that is used again.
    if (bottom - top_.load(std::memory_order_acquire) >= kCapacity) return false;
    slot(bottom).store(task, std::memory_order_relaxed);      // relaxed: published by the next line
    bottom_.exchange(bottom + 1, std::memory_order_seq_cst);  // [FD1] [FD3]
    return true;
  }

  // For the owner: true if there is none. False may be out of date.
  bool is_empty_for_owner() const noexcept {
    // relaxed, both: only the owner writes bottom_, and top_ only grows, so what looks empty is.
    return top_.load(std::memory_order_relaxed) >= bottom_.load(std::memory_order_relaxed);
  }

  // Takes the newest out; null if there is none.
  FrameHeader* pop() noexcept {
    if (is_empty_for_owner()) return nullptr;
    const std::int64_t newest = bottom_.load(std::memory_order_relaxed) - 1;  // relaxed: only we
    bottom_.exchange(newest, std::memory_order_seq_cst);                      // [FD2]
    std::int64_t top = top_.load(std::memory_order_seq_cst);                  // [FD2]
    if (top < newest) {
      return slot(newest).load(std::memory_order_relaxed);  // relaxed: written by us
    }
    FrameHeader* task = nullptr;
    if (top == newest) {
      // relaxed: written by us.
      task = slot(newest).load(std::memory_order_relaxed);
      // relaxed failure: a thief has it.
      if (!top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,
                                        std::memory_order_relaxed)) {
        task = nullptr;
      }
    }
    bottom_.store(newest + 1, std::memory_order_release);  // [FD1]
    return task;
  }

  // Takes the oldest out; null if there is none, or if another thread was faster.
  FrameHeader* steal() noexcept {
    std::int64_t top = top_.load(std::memory_order_seq_cst);              // [FD2]
    const std::int64_t bottom = bottom_.load(std::memory_order_seq_cst);  // [FD1] [FD2]
    if (top >= bottom) return nullptr;
    // relaxed: not used unless the next line succeeds, and then it was published before bottom_.
    FrameHeader* const task = slot(top).load(std::memory_order_relaxed);
    // relaxed failure: the value is not used.
    return top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,
                                        std::memory_order_relaxed)
               ? task
               : nullptr;
  }

  // How many there were a moment ago, for who has to decide how many to steal.
  std::uint32_t size() const noexcept {
    // relaxed, both: a hint. The top first: it only grows.
    const std::int64_t top = top_.load(std::memory_order_relaxed);
    const std::int64_t count = bottom_.load(std::memory_order_relaxed) - top;
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(count, 0, kCapacity));
  }
  bool empty() const noexcept {
    return top_.load(std::memory_order_seq_cst) >=
           bottom_.load(std::memory_order_seq_cst);  // [FD3]
  }

 private:
  loom::Atomic<FrameHeader*>& slot(std::int64_t index) noexcept {
    return slots_[static_cast<std::size_t>(index) % kCapacity];
  }

  alignas(kFalseSharingRange) loom::Atomic<std::int64_t> top_{0};
  alignas(kFalseSharingRange) loom::Atomic<std::int64_t> bottom_{0};
  // A slot is written by the owner while no thief can take it, and read by thieves who may then
  // fail: atomic for that.
  std::array<loom::Atomic<FrameHeader*>, static_cast<std::size_t>(kCapacity)> slots_{};
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_FORK_DEQUE_H_
