// LocalQueue: overflowing, batches, and the thief's side. Interface and design: local_queue.h.

#include <weft/runtime/scheduler/local_queue.h>

#include <exception>

#include <weft/base/check.h>

namespace weft::internal {

template <std::uint32_t Capacity>
BasicLocalQueue<Capacity>::~BasicLocalQueue() {
  WEFT_CHECK(empty() || std::uncaught_exceptions() > 0,
             "LocalQueue: destroyed with tasks in it; pop them all first");
}

template <std::uint32_t Capacity>
void BasicLocalQueue<Capacity>::push_batch(TaskChain tasks) noexcept {
  WEFT_CHECK(tasks.count <= free_slots(), "LocalQueue::push_batch: there is no room for the batch");
  // relaxed: only we write it.
  std::uint32_t tail = tail_.load(std::memory_order_relaxed);
  while (FrameHeader* const task = tasks.pop_front()) write_slot(tail++, task);
  tail_.exchange(tail, std::memory_order_seq_cst);  // [Q1] [Q4]
}

template <std::uint32_t Capacity>
TaskChain BasicLocalQueue<Capacity>::overflow(FrameHeader* extra) noexcept {
  TaskChain half;
  // relaxed: only we write it.
  const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
  std::uint64_t word = head_.load(std::memory_order_acquire);  // [Q2]
  const Head head = unpack(word);
  if (head.steal != head.real || tail - head.real != Capacity) return half;
  // Claims the whole ring at once: a stealer sees it as empty until the tail is published again.
  // Only a stealer can have been in between. relaxed failure: the value is not used.
  if (!head_.compare_exchange_strong(word, pack({tail, tail}), std::memory_order_release,  // [Q3]
                                     std::memory_order_relaxed)) {
    return half;
  }
  for (std::uint32_t i = kHalf; i < Capacity; ++i) half.push_back(read_slot(head.real + i));
  half.push_back(extra);
  // tail == head.real + Capacity, so slot `tail + i` is slot `head.real + i`: the earlier half is
  // already where the new cursors expect it.
  tail_.store(tail + kHalf, std::memory_order_release);  // [Q4]
  return half;
}

template <std::uint32_t Capacity>
std::uint32_t BasicLocalQueue<Capacity>::claim(Head& claimed) noexcept {
  std::uint64_t word = head_.load(std::memory_order_acquire);  // [Q3]
  for (;;) {
    claimed = unpack(word);
    if (claimed.steal != claimed.real) return 0;
    const std::uint32_t count = tail_.load(std::memory_order_acquire) - claimed.real;  // [Q4]
    if (count == 0) return 0;
    // May be nonsense if the head that we have read is older than the tail; the exchange fails
    // then.
    const std::uint32_t taken = count - count / 2;
    if (head_.compare_exchange_weak(word, pack({claimed.steal, claimed.real + taken}),
                                    std::memory_order_acq_rel,  // [Q3]
                                    std::memory_order_acquire)) {
      WEFT_DCHECK(taken <= kHalf, "LocalQueue: the ring held more tasks than it has slots");
      return taken;
    }
  }
}

template <std::uint32_t Capacity>
void BasicLocalQueue<Capacity>::release_claim(Head claimed) noexcept {
  // relaxed, here and where the exchange fails: a first guess; the owner may be popping.
  std::uint64_t word = head_.load(std::memory_order_relaxed);
  for (;;) {
    const Head now = unpack(word);
    WEFT_DCHECK(now.steal == claimed.steal, "LocalQueue: two stealers at work at the same time");
    // acquire as well as release: the owner's pops in between stay ordered before it [Q3].
    if (head_.compare_exchange_weak(word, pack({now.real, now.real}),
                                    std::memory_order_acq_rel,  // [Q2]
                                    std::memory_order_relaxed)) {
      return;
    }
  }
}

template <std::uint32_t Capacity>
FrameHeader* BasicLocalQueue<Capacity>::steal_into(BasicLocalQueue& destination) noexcept {
  // relaxed: the caller owns `destination`.
  const std::uint32_t tail = destination.tail_.load(std::memory_order_relaxed);
  const Head room = unpack(destination.head_.load(std::memory_order_acquire));  // [Q2]
  if (tail - room.steal > kHalf) return nullptr;
  Head claimed{};
  const std::uint32_t taken = claim(claimed);
  if (taken == 0) return nullptr;
  for (std::uint32_t i = 0; i + 1 < taken; ++i) {
    destination.write_slot(tail + i, read_slot(claimed.real + i));
  }
  FrameHeader* const last = read_slot(claimed.real + taken - 1);
  release_claim(claimed);
  if (taken > 1) {
    destination.tail_.store(tail + taken - 1, std::memory_order_release);  // [Q4]
  }
  return last;
}

template class BasicLocalQueue<256>;
template class BasicLocalQueue<4>;

}  // namespace weft::internal
