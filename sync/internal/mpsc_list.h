// MpscList: the queue of a channel. Many senders, one receiver, no lock.
//
// Spec: SY-66 .. SY-72, SY-89.
//
// Design. A list of blocks of 32 slots. A sender claims the next slot by one fetch_add on tail_,
// which is also the order of all messages, and then finds the slot's block. The receiver follows in
// the same order. Blocks it has emptied go back to the list's end.
//
//   free_head_ -> o -> head_ -> o -> tail_block_ -> o -> null      block.next_
//
//   tail_      bit 0 kRxClosed: the receiver has closed. Only the unbounded channel uses it; a
//              claim that finds it set is void, and the slots from there on stay empty for ever
//              bit 1 kTxClosed: no senders are left
//              from bit 2 on: the next index
//   writers    senders (index; the last one kTxClosed); the receiver (kRxClosed)
//   pairing    [L1] release by the sender that moves tail_block_ on and then reads the tail for
//              MpscBlock::release() -> acquire in claim(): who claims an index not below that tail
//              sees the new tail_block_, and so never enters the block that was left behind.
//              [L2] release with kTxClosed -> acquire by the receiver: all that was ever sent.
//
// The receiver reuses a block when it is released and everything below its observed tail has been
// received: those were the last senders that could be walking through it.
//
// The receiver reads a block's ready bits once for as many messages as they show: a receiver that
// lags behind does not pull the senders' cache line away from them at every message.

#ifndef WEFT_SYNC_INTERNAL_MPSC_LIST_H_
#define WEFT_SYNC_INTERNAL_MPSC_LIST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <utility>

#include <weft/base/cache_line.h>
#include <weft/base/check.h>
#include <weft/loom/atomic.h>
#include <weft/sync/internal/mpsc_block.h>
#include <weft/sync/internal/recycled.h>

namespace weft::sync::internal {

template <class T>
class MpscList {
 public:
  using Block = MpscBlock<T>;

  // The first block of a list that is to be made. Throws std::bad_alloc.
  static Block* make_first_block() { return make_recycled<Block>(std::uint64_t{0}); }
  static void destroy_block(Block* block) noexcept { destroy_recycled(block); }

  // Takes over `first`, from make_first_block().
  explicit MpscList(Block* first) noexcept : tail_block_(first), free_head_(first), head_(first) {}
  MpscList(const MpscList&) = delete;
  MpscList& operator=(const MpscList&) = delete;
  // Precondition: drained, and nobody else is using it.
  ~MpscList() {
    for (Block* block = free_head_; block != nullptr;) {
      destroy_recycled(std::exchange(block, block->next()));
    }
  }

  // --- Senders, any thread.

  // Claims the next slot, which must then be written. Nothing if the receiver has closed.
  [[nodiscard]] std::optional<std::uint64_t> try_claim() noexcept {
    const std::uint64_t before = tail_.fetch_add(kOne, std::memory_order_acquire);  // [L1]
    WEFT_CHECK(before < kOverflow, "mpsc: too many messages");
    if ((before & kRxClosed) != 0) return std::nullopt;
    return before / kOne;
  }
  // The same for a sender that has a permit: it may send also when the receiver has closed.
  [[nodiscard]] std::uint64_t claim() noexcept {
    return tail_.fetch_add(kOne, std::memory_order_acquire) / kOne;  // [L1]
  }
  // Fills the claimed slot. Having no memory for a block ends the program: a slot that stayed empty
  // would hold up the receiver for ever (SY-119).
  void write(std::uint64_t index, T&& value) noexcept {
    find_block(index).write(index, std::move(value));
  }

  // The last sender, after its last write.
  void close_as_sender() noexcept {
    // seq_cst: before its look at whether the receiver waits; see MpscBlock::write().
    tail_.fetch_or(kTxClosed, std::memory_order_seq_cst);  // [L2]
  }
  bool is_closed_by_receiver() const noexcept {
    return (tail_.load(std::memory_order_acquire) & kRxClosed) != 0;
  }

  // --- The receiver, one thread at a time.

  // Whether pop() may be called: the next message has been written.
  [[nodiscard]] bool has_next() noexcept {
    const std::uint32_t bit = std::uint32_t{1} << Block::offset_of(index_);
    if ((ready_ & bit) != 0) return true;
    if (!advance_head()) return false;
    ready_ = head_->ready_slots();
    return (ready_ & bit) != 0;
  }
  // Takes the next message. Precondition: has_next().
  T pop() noexcept {
    T value = head_->take(index_++);
    if (Block::offset_of(index_) == 0) ready_ = 0;  // the bits were those of the block behind us
    return value;
  }

  // Nothing will ever be written behind what has been received.
  bool is_at_end() const noexcept {
    // seq_cst: part of the second look, see close_as_sender().
    const std::uint64_t tail = tail_.load(std::memory_order_seq_cst);  // [L2]
    return (tail & (kTxClosed | kRxClosed)) != 0 && end_of(tail) == index_;
  }
  // A message is on its way: its slot is claimed.
  bool is_next_claimed() const noexcept { return size() != 0; }
  // The messages sent and not received, those that are being written included.
  std::size_t size() const noexcept {
    return end_of(tail_.load(std::memory_order_acquire)) - index_;
  }
  bool senders_are_gone() const noexcept {
    return (tail_.load(std::memory_order_acquire) & kTxClosed) != 0;  // [L2]
  }

  // No claim succeeds from now on. Once.
  void close_as_receiver() noexcept {
    closed_at_ = tail_.fetch_or(kRxClosed, std::memory_order_acq_rel) / kOne;
  }

 private:
  static constexpr std::uint64_t kRxClosed = 1;
  static constexpr std::uint64_t kTxClosed = 2;
  static constexpr std::uint64_t kOne = 4;
  static constexpr std::uint64_t kOverflow = std::uint64_t{1} << 63;
  static constexpr int kReuseAttempts = 3;

  std::uint64_t end_of(std::uint64_t tail) const noexcept {
    return (tail & kRxClosed) != 0 ? closed_at_ : tail / kOne;
  }

  Block& find_block(std::uint64_t index) noexcept;
  Block* grow(Block& last) noexcept;
  bool advance_head() noexcept;
  void reuse_passed_blocks() noexcept;
  void reuse(Block& block) noexcept;

  // Written by senders; the block is one that all unwritten claims lie in or behind.
  loom::Atomic<Block*> tail_block_;
  loom::Atomic<std::uint64_t> tail_{0};
  [[maybe_unused]] char padding_[kFalseSharingRange];

  // The receiver's.
  Block* free_head_;             // the oldest block, at or before head_
  Block* head_;                  // that of the last message received, or the one to come
  std::uint64_t index_ = 0;      // of the next message
  std::uint64_t closed_at_ = 0;  // the end, once kRxClosed is set
  std::uint32_t ready_ = 0;      // ready bits of head_, perhaps not the newest
};

template <class T>
typename MpscList<T>::Block& MpscList<T>::find_block(std::uint64_t index) noexcept {
  const std::uint64_t start = Block::start_of(index);
  // acquire: the block's fields, from who moved it here. [L1] makes it new enough.
  Block* block = tail_block_.load(std::memory_order_acquire);
  // One of the senders that are far behind moves the tail: the farther, the lower the offset
  // needed.
  bool may_advance = (start - block->start()) / Block::kSlots > Block::offset_of(index);
  while (block->start() != start) {
    Block* next = block->next();
    if (next == nullptr) next = grow(*block);
    may_advance = may_advance && block->is_full();
    if (may_advance) {
      Block* expected = block;
      // release: who finds `next` there sees the block. relaxed: nothing is done with a failure.
      may_advance = tail_block_.compare_exchange_strong(expected, next, std::memory_order_release,
                                                        std::memory_order_relaxed);
      // An exchange, not a load: later claims must read from it or from later ones.
      if (may_advance)
        block->release(tail_.fetch_add(0, std::memory_order_release) / kOne);  // [L1]
    }
    block = next;
  }
  return *block;
}

// Makes sure that a block follows `last`, and returns it.
template <class T>
typename MpscList<T>::Block* MpscList<T>::grow(Block& last) noexcept {
  Block* const fresh = make_recycled<Block>(last.start() + Block::kSlots);
  Block* const next = last.try_append(*fresh);
  if (next == nullptr) return fresh;
  // Another was faster. Ours will be needed soon: it goes to the end (SY-69).
  for (Block* block = next; block != nullptr;) block = block->try_append(*fresh);
  return next;
}

// Moves head_ to the block of index_. False: it does not exist yet.
template <class T>
bool MpscList<T>::advance_head() noexcept {
  const std::uint64_t start = Block::start_of(index_);
  while (head_->start() != start) {
    Block* const next = head_->next();
    if (next == nullptr) return false;
    head_ = next;
  }
  if (free_head_ != head_) reuse_passed_blocks();
  return true;
}

template <class T>
void MpscList<T>::reuse_passed_blocks() noexcept {
  while (free_head_ != head_) {
    const std::optional<std::uint64_t> needed = free_head_->observed_tail();
    if (!needed || *needed > index_) return;
    Block& block = *std::exchange(free_head_, free_head_->next());
    reuse(block);
  }
}

template <class T>
void MpscList<T>::reuse(Block& block) noexcept {
  block.reset();
  // acquire: the block's fields. Only the receiver frees blocks, so it stays.
  Block* last = tail_block_.load(std::memory_order_acquire);
  for (int i = 0; i < kReuseAttempts && last != nullptr; ++i) last = last->try_append(block);
  if (last != nullptr) destroy_recycled(&block);
}

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_MPSC_LIST_H_
