// LocalQueue: the run queue of one worker, from which the other workers may steal.
//
// Spec: R-65..R-71, R-154; LM-12..LM-15.
//
// Design. A ring of 256 task pointers. One thread, the owner, pushes at the tail and pops at the
// head; any other thread may take half of what is there in one go. Cursors are full 32-bit
// counters, masked only to find a slot, so that "empty" and "full" differ and a cursor does not
// come back to an old value under a thread that still remembers it.
//
// The head is two cursors in one atomic word:
//
//            slots being copied        tasks
//      steal v               real v               tail v
//        ... | x | x | x | x | x | t | t | t | t |     |
//
//   real    the next task to run. Moved forward by the owner for one task, by a stealer for many;
//           who moves it by a compare-exchange owns what it passed over.
//   steal   behind real only while a stealer is at work: the slots in between are claimed but not
//           yet copied, so the owner must not reuse them. steal == real: no stealer.
//
// Hence one stealer at a time per victim; the second one finds steal != real and goes elsewhere.
// The slots are plain memory: the cursors say who may touch which.
//
//   push fails when tail - steal == 256. If a stealer is at work the caller puts its one task into
//   the injection queue; otherwise overflow() takes out half of the ring for it.
//
// The capacity is a parameter for the model checker and the stress tests, which use rings of 4.
//
//   if (!queue.push(task)) {                       // on the owner
//     const TaskChain half = queue.overflow(task);
//     if (half.empty()) inject.push(task); else inject.push_batch(half.first, half.last,
//     half.count);
//   }

#ifndef WEFT_RUNTIME_SCHEDULER_LOCAL_QUEUE_H_
#define WEFT_RUNTIME_SCHEDULER_LOCAL_QUEUE_H_

#include <array>
#include <bit>
#include <cstdint>

#include <weft/base/cache_line.h>
#include <weft/loom/atomic.h>
#include <weft/loom/cell.h>
#include <weft/loom/model_size.h>
#include <weft/runtime/coroutine/frame.h>
#include <weft/runtime/scheduler/task_chain.h>

namespace weft::internal {

// Owns no task: what is queued carries its own reference. Immovable, on cache lines of its own.
// "Owner" below means the one thread that has the worker's core; the role may move between threads
// if the move itself synchronises them.
template <std::uint32_t Capacity>
class alignas(kFalseSharingRange) BasicLocalQueue {
  static_assert(std::has_single_bit(Capacity) && Capacity >= 4, "slots are found by masking");

 public:
  static constexpr std::uint32_t kCapacity = Capacity;
  // The most that one steal takes, and what an overflow leaves behind.
  static constexpr std::uint32_t kHalf = Capacity / 2;

  BasicLocalQueue() noexcept = default;
  BasicLocalQueue(const BasicLocalQueue&) = delete;
  BasicLocalQueue& operator=(const BasicLocalQueue&) = delete;
  // Fatal if a task is left, unless an exception is unwinding the stack.
  ~BasicLocalQueue();

  // --- Owner only

  // Appends `task` and makes it visible to stealers; false, and nothing done, if the ring is full.
  // Ordered before the caller's following seq_cst load of the idle word [Q1]: either that load sees
  // a worker that is going to sleep, or that worker's re-check sees the task. So the caller decides
  // whether to wake somebody by a load, without a read-modify-write of the word all workers share.
  [[nodiscard]] bool push(FrameHeader* task) noexcept;

  // The same without the barrier, for a caller that will not look at the idle word.
  [[nodiscard]] bool push_unfenced(FrameHeader* task) noexcept;

  // Appends all of `tasks` in order, with the barrier of push(). Fatal if there are more than
  // free_slots().
  void push_batch(TaskChain tasks) noexcept;

  // After a failed push of `extra`: takes the later half of the ring out and returns it, oldest
  // first, with `extra` behind it; the earlier half stays. Empty, and nothing done, if a stealer is
  // at work or was just now: the caller then injects `extra` alone, or pushes again.
  //
  // In between a stealer may find the ring empty. The caller puts the chain into the injection
  // queue and then notifies, so nobody stays asleep because of it.
  [[nodiscard]] TaskChain overflow(FrameHeader* extra) noexcept;

  // Takes the oldest; null if empty.
  FrameHeader* pop() noexcept;

  // How many pushes will succeed whatever stealers do.
  std::uint32_t free_slots() const noexcept;

  // --- The owner of `destination`, on another thread than this queue's owner

  // Moves the older half of the tasks, rounded up, to the end of `destination` and returns the last
  // of them instead. Null, and nothing done, if there is nothing, if another stealer is at work, or
  // if `destination` is more than half full. `destination` is published without the barrier: a
  // stealer leaves the searching state afterwards, which is a read-modify-write of the idle word.
  FrameHeader* steal_into(BasicLocalQueue& destination) noexcept;

  // --- Any thread

  // How many tasks wait; exact on the owner, elsewhere what was so at some moment. Tasks that a
  // stealer has claimed are not counted.
  std::uint32_t size() const noexcept;

  // As size(); the re-check of a worker that has just announced, by a seq_cst read-modify-write of
  // the idle word, that it is going to sleep [Q1].
  bool empty() const noexcept { return size() == 0; }

 protected:
  struct Head {
    std::uint32_t steal;
    std::uint32_t real;
  };

  // The two halves of a steal, apart for tests that stop in between: moves real over the older half
  // of the tasks and says how many those are, 0 if there is nothing or a stealer is at work; after
  // they have been copied, moves steal up to real.
  std::uint32_t claim(Head& claimed) noexcept;
  void release_claim(Head claimed) noexcept;
  // For tests of cursors that wrap: moves those of an empty queue that nobody else knows yet.
  void start_at(std::uint32_t cursor) noexcept {
    head_.with_mut([cursor](std::uint64_t& word) { word = pack({cursor, cursor}); });
    tail_.with_mut([cursor](std::uint32_t& tail) { tail = cursor; });
  }

 private:
  static constexpr std::uint64_t pack(Head head) noexcept {
    return (std::uint64_t{head.steal} << 32) | head.real;
  }
  static constexpr Head unpack(std::uint64_t word) noexcept {
    return {static_cast<std::uint32_t>(word >> 32), static_cast<std::uint32_t>(word)};
  }

  FrameHeader* read_slot(std::uint32_t cursor) const noexcept {
    return slots_[cursor % Capacity].with([](FrameHeader* const& slot) { return slot; });
  }
  void write_slot(std::uint32_t cursor, FrameHeader* task) noexcept {
    slots_[cursor % Capacity].with_mut([task](FrameHeader*& slot) { slot = task; });
  }
  // Writes `task` into the slot at `tail` if there is room; the caller publishes it.
  bool store_at(std::uint32_t tail, FrameHeader* task) noexcept;

  // Written by the owner (pop, overflow) and by stealers, always by compare-exchange; read by all.
  // [Q2] release in a stealer's release_claim() -> acquire in the owner's store_at(), free_slots():
  //      the stealer has read the slots that it gives back; they may be written again.
  // [Q3] release in pop(), overflow(), claim() -> acquire in claim() and size(): a real cursor is
  //      seen only together with the tail that it was moved below, so tail - real is never
  //      negative.
  // Failures of the compare-exchange happen to be loads for the next attempt, with the same tags.
  loom::Atomic<std::uint64_t> head_{0};

  // Written by the owner only; read by all. It shares the line with head_: the owner needs both for
  // every push and pop, and stealers come rarely.
  // [Q4] release in push*(), push_batch(), overflow(), steal_into() -> acquire in claim(): the
  //      slots below the tail, and the tasks they point to, are visible.
  // [Q1] seq_cst exchange in push() and push_batch(), then a seq_cst load of the idle word by its
  //      caller; a seq_cst read-modify-write of the idle word by a worker about to sleep, then the
  //      seq_cst load of tail_ in size(). In the single order of these four either the exchange
  //      comes before the sleeper's load, which then sees the task, or the sleeper's
  //      read-modify-write comes before the pusher's load, which then sees the sleeper.
  loom::Atomic<std::uint32_t> tail_{0};

  // A slot is written by the owner only while tail - steal < Capacity, and read by who owns it: the
  // one whose compare-exchange moved real over it.
  std::array<loom::Cell<FrameHeader*>, Capacity> slots_{};
};

template <std::uint32_t Capacity>
inline bool BasicLocalQueue<Capacity>::store_at(std::uint32_t tail, FrameHeader* task) noexcept {
  const Head head = unpack(head_.load(std::memory_order_acquire));  // [Q2]
  if (tail - head.steal >= Capacity) return false;
  write_slot(tail, task);
  return true;
}

template <std::uint32_t Capacity>
inline bool BasicLocalQueue<Capacity>::push(FrameHeader* task) noexcept {
  // relaxed: only we write it.
  const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
  if (!store_at(tail, task)) return false;
  // An exchange rather than a store: on x86 that is the same instruction as a seq_cst store, on
  // others it is no dearer, and it was measured as the cheapest of the barriers.
  tail_.exchange(tail + 1, std::memory_order_seq_cst);  // [Q1] [Q4]
  return true;
}

template <std::uint32_t Capacity>
inline bool BasicLocalQueue<Capacity>::push_unfenced(FrameHeader* task) noexcept {
  // relaxed: only we write it.
  const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
  if (!store_at(tail, task)) return false;
  tail_.store(tail + 1, std::memory_order_release);  // [Q4]
  return true;
}

template <std::uint32_t Capacity>
inline FrameHeader* BasicLocalQueue<Capacity>::pop() noexcept {
  // relaxed: publishes nothing to us; a stealer may have moved it, which the exchange will notice.
  std::uint64_t word = head_.load(std::memory_order_relaxed);
  // relaxed: only we write it.
  const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
  for (;;) {
    const Head head = unpack(word);
    if (head.real == tail) return nullptr;
    const std::uint32_t next = head.real + 1;
    // While a stealer is at work its cursor stays where it is.
    const Head moved{head.steal == head.real ? next : head.steal, next};
    // relaxed failure: as the load above.
    if (head_.compare_exchange_weak(word, pack(moved), std::memory_order_acq_rel,  // [Q3]
                                    std::memory_order_relaxed)) {
      return read_slot(head.real);
    }
  }
}

template <std::uint32_t Capacity>
inline std::uint32_t BasicLocalQueue<Capacity>::size() const noexcept {
  // The head first: real only grows, so a tail equal to an older real means that all it covers is
  // gone. The other way round an empty queue could look immensely full.
  const Head head = unpack(head_.load(std::memory_order_acquire));   // [Q3]
  const std::uint32_t tail = tail_.load(std::memory_order_seq_cst);  // [Q1]
  const std::uint32_t count = tail - head.real;
  return count < Capacity ? count : Capacity;
}

template <std::uint32_t Capacity>
inline std::uint32_t BasicLocalQueue<Capacity>::free_slots() const noexcept {
  const Head head = unpack(head_.load(std::memory_order_acquire));  // [Q2]
  // relaxed: only we write it.
  return Capacity - (tail_.load(std::memory_order_relaxed) - head.steal);
}

// In local_queue.cc, with the rest of the functions.
extern template class BasicLocalQueue<256>;
extern template class BasicLocalQueue<4>;

using LocalQueue = BasicLocalQueue<loom::model_size(256, 4)>;

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_SCHEDULER_LOCAL_QUEUE_H_
