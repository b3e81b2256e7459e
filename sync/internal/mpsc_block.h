// MpscBlock: 32 slots of a channel's list, and what senders and receiver tell each other about
// them.
//
// Spec: SY-66, SY-69, SY-70.
//
//   ready_     bits 0-31: the slot holds a value. Set by the sender that claimed it, which does not
//              touch the block afterwards.
//              kReleased: no sender will look for a slot through this block any more, once those
//              that had claimed one before observed_tail are done. Set by the sender that moved the
//              list's tail past it.
//   pairing    [B1] release when a slot's bit is set -> acquire by the receiver: the value.
//              [B2] release with kReleased -> acquire by the receiver: observed_tail.
//              [B3] release when next_ is set -> acquire by who follows it: the block behind it.

#ifndef WEFT_SYNC_INTERNAL_MPSC_BLOCK_H_
#define WEFT_SYNC_INTERNAL_MPSC_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <weft/loom/atomic.h>
#include <weft/loom/cell.h>
#include <weft/loom/model_size.h>
#include <weft/sync/internal/manual_value.h>

namespace weft::sync::internal {

template <class T>
class MpscBlock {
 public:
  static constexpr std::uint64_t kSlots = loom::model_size<std::uint64_t>(32, 2);

  static constexpr std::uint64_t start_of(std::uint64_t index) noexcept {
    return index & ~(kSlots - 1);
  }
  static constexpr std::uint64_t offset_of(std::uint64_t index) noexcept {
    return index & (kSlots - 1);
  }

  explicit MpscBlock(std::uint64_t start) noexcept : start_(start) {}
  MpscBlock(const MpscBlock&) = delete;
  MpscBlock& operator=(const MpscBlock&) = delete;

  // The index of the first slot.
  std::uint64_t start() const noexcept { return start_; }

  // The sender that claimed `index`: the value goes in, and the receiver may take it.
  void write(std::uint64_t index, T&& value) noexcept {
    const std::uint64_t offset = offset_of(index);
    slots_[offset].with_mut([&](auto& slot) { slot.construct(std::move(value)); });
    // seq_cst: before the sender's look at whether the receiver waits, WakerSlot::
    // wake_if_registered(); the receiver registers and then looks here.
    ready_.fetch_or(std::uint64_t{1} << offset, std::memory_order_seq_cst);  // [B1]
  }

  // The receiver: which slots hold a value, one bit each.
  std::uint32_t ready_slots() const noexcept {
    // seq_cst: see write().
    return static_cast<std::uint32_t>(ready_.load(std::memory_order_seq_cst));  // [B1]
  }
  // The receiver, having seen the slot's bit.
  T take(std::uint64_t index) noexcept {
    return slots_[offset_of(index)].with_mut([](auto& slot) { return slot.take(); });
  }

  // A sender: all slots have been written.
  bool is_full() const noexcept {
    // relaxed: decides only whether the tail may move. The receiver gets what the block's senders
    // did from each of them, and from release(), which continues their release sequences.
    return (ready_.load(std::memory_order_relaxed) & kAllReady) == kAllReady;
  }
  // The sender that moved the list's tail past this block, when the next free index was `tail`.
  void release(std::uint64_t tail) noexcept {
    observed_tail_.with_mut([&](std::uint64_t& observed) { observed = tail; });
    ready_.fetch_or(kReleased, std::memory_order_release);  // [B2]
  }
  // The receiver: the `tail` of release(); nothing before that.
  std::optional<std::uint64_t> observed_tail() const noexcept {
    if ((ready_.load(std::memory_order_acquire) & kReleased) == 0) return std::nullopt;  // [B2]
    return observed_tail_.with([](const std::uint64_t& observed) { return observed; });
  }

  MpscBlock* next() const noexcept {
    // seq_cst: part of the receiver's second look, see write().
    return next_.load(std::memory_order_seq_cst);  // [B3]
  }
  // Appends `block`, which nobody else can see, and numbers its slots. If there is a next one
  // already, returns that and leaves `block` alone; else null.
  MpscBlock* try_append(MpscBlock& block) noexcept {
    block.start_ = start_ + kSlots;
    MpscBlock* next = nullptr;
    // seq_cst: before the ready bits in `block`, for the receiver's second look.
    next_.compare_exchange_strong(next, &block, std::memory_order_seq_cst,  // [B3]
                                  std::memory_order_acquire);               // [B3]
    return next;
  }

  // The receiver, for a block that nobody else can reach: as good as new.
  void reset() noexcept {
    next_.with_mut([](MpscBlock*& next) { next = nullptr; });
    ready_.with_mut([](std::uint64_t& ready) { ready = 0; });
  }

 private:
  static constexpr std::uint64_t kReleased = std::uint64_t{1} << kSlots;
  static constexpr std::uint64_t kAllReady = kReleased - 1;

  std::uint64_t start_;  // constant while others can reach the block
  loom::Atomic<MpscBlock*> next_{nullptr};
  loom::Atomic<std::uint64_t> ready_{0};
  loom::Cell<std::uint64_t> observed_tail_;  // written once, before kReleased
  loom::Cell<ManualValue<T>> slots_[kSlots];
};

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_MPSC_BLOCK_H_
